"""Training and use of ScopeNet without TensorFlow: compiled kernels, one light curve at a time.

What dominated. ScopeNet is small, some 350,000 multiplications a light curve, and Keras on a
processor spends its time elsewhere: in the depthwise convolutions and their gradients, which move
the maps of a whole batch through memory once an operation; in starting operations and steps, the
metrics of each step and the shuffling of single examples; and in importing TensorFlow (4 to 8 s,
0.7 GB), in each of dozens of processes.

What is done. A light curve passes all layers before the next one, so that its maps stay in the
second-level cache (`convolution`). The gradient is written by hand for these layers (`gradient`)
and checked against Keras and against finite differences. Dropout comes from a hash of the row's
place in the epoch. A batch is cut into four parts whose gradients are added in a fixed order
(`thread_pool`): the threads, however many, change no bit. Batch size, mathematics and stopping
rule are those of Keras.

What was gained is measured by benchmarks/training.py; docs/training.md has the figures.
"""
