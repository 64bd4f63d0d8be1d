# Tests of the training tools: `python -m unittest discover -s tools/train/tests -t tools/train`, numpy and scipy alone.
# A package, so that unittest finds precordia_train beside it; tests that need PyTorch say so and are skipped without it.
