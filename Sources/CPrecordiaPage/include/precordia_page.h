// The page's files, embedded so that the program needs no other file.
#pragma once
#include <stddef.h>

/// How many files there are.
int precordia_page_files(void);
/// A file's name, its bytes and how many they are; 0 is the first. They live as long as the program.
const char *precordia_page_name(int index);
const void *precordia_page_bytes(int index);
size_t precordia_page_count(int index);
