"""The catalogue of KPIs: what each means, what it rests on, and queries over several of them."""
