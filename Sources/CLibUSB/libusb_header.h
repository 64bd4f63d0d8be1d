// libusb's header under a path of this package.
// pkg-config says where it lies.
#pragma once

#include <libusb.h>
