#include "mime/encoded_word.hpp"
