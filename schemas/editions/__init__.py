"""The rule books as data: one TOML file an edition, and the model that reads them."""
