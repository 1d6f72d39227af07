"""Stand-ins for what the shop speaks to over the network: real servers on the loopback, with the provider's habits."""
