// Cairo's headers under a path of this package.
// pkg-config says where they lie.
#pragma once

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <cairo.h>
