"""The roof: reports and cross-module checks, by the modules' public functions only."""
