"""The measured claims: each a command that prints it, beside what it is compared with, as a ratio from one run."""
