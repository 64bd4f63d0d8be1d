// The model and the tables that ship with Precordia, embedded so that the program needs no other file.
#pragma once
#include <stddef.h>

/// The bytes of models/ptbxl71.precordia, aligned to 64; they live as long as the program.
const void *precordia_shipped_model(void);
/// How many they are.
size_t precordia_shipped_model_bytes(void);

/// The bytes of models/snomed.csv: statements of each SNOMED CT code.
const void *precordia_snomed_table(void);
/// How many they are.
size_t precordia_snomed_table_bytes(void);
/// The bytes of models/code66-sources.csv: what of PTB-XL and 12SL means each CODE class.
const void *precordia_class_table(void);
/// How many they are.
size_t precordia_class_table_bytes(void);

/// The bytes of a policy of policies/: 0 bedside, 1 clinic, 2 replay.
const void *precordia_policy(int index);
/// How many they are.
size_t precordia_policy_bytes(int index);
