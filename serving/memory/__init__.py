"""How much memory the model server and a night need: arithmetic, without a model or a GPU."""
