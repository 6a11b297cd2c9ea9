#include "mime/encoder.hpp"
