#include "mime/part_tree.hpp"
