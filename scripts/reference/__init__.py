"""The reference pages of `docs/`, written from the code: `python -m scripts.reference [--check]`.

What the code knows (names, types, defaults, tables) comes from the code; the sentences that it does not hold stand in
`words.toml`. A name without its sentence, or a sentence without its name, stops the writing.
"""
