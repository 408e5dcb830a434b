"""What an organisation settles in YAML: read, checked, and resolved for one subject.

``folder.load`` reads a workspace's config, ``resolution.resolve`` says what holds for an
account, manager, team or the organisation, and which line decided it.
"""
