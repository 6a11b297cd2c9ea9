#include "mime/address.hpp"
