"""How mails look: every letter in every language, in a browser and without one."""
