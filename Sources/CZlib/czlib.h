// zlib as the system provides it. Headers only; nothing here is compiled on its own.
#pragma once

#include <zlib.h>
