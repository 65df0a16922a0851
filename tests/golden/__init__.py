"""The golden master of `kept explain`: sample cases with what each owes, checked in."""
