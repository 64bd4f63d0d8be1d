# Training of the network that marks the waves of a median beat.
# Apart from the classifier's training, which needs torch.
