"""What every module may import; knows no module."""
