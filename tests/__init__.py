"""The tests, by tier: unit, contract, integration, e2e. `make test` runs them all and says what ran."""
