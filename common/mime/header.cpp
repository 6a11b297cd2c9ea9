#include "mime/header.hpp"
