typedef int precordia_kernels_stub;
