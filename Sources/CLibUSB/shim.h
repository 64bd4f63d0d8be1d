// libusb-1.0 of the system, as a module.
#include <libusb.h>
