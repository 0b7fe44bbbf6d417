"""What runs on the CPU: the compiler, its cache, and the vocabulary that kernels are made of."""
