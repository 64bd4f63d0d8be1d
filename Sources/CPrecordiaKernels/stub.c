#include "precordia_kernels.h"
