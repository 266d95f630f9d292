// crypt(3) as libxcrypt provides it. Headers only; nothing here is compiled on its own.
#pragma once

#include <crypt.h>
