"""The six modules of the shop. Each speaks to the others only through service.py, contracts.py and events.py."""
