"""What plugin authors import in their tests."""
