// The model that ships with Precordia, embedded so that the program needs no other file.
#pragma once
#include <stddef.h>

/// The bytes of models/ptbxl71.precordia, aligned to 64; they live as long as the program.
const void *precordia_shipped_model(void);
/// How many they are.
size_t precordia_shipped_model_bytes(void);
