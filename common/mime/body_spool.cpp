#include "mime/body_spool.hpp"
