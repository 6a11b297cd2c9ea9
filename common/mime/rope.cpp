#include "mime/rope.hpp"
