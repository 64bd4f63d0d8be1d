# The Python side of Precordia's first model: what turns PTB-XL into models/ptbxl71.precordia.
# Separate from the engine because it runs once, on a workstation, and needs PyTorch.
