/* ere_private - the program an expression becomes; of sip/ere*.c alone */
#ifndef SIP_ERE_PRIVATE_H
#define SIP_ERE_PRIVATE_H

#include <stdint.h>

#include "sip/ere.h"

/* Instructions; {2,9} copies what stands before it.  With texts of
 * ERE_TEXT_MAX this bounds a match to some ten million steps, and for a number
 * to a hundred thousand. */
#define ERE_PROGRAM_MAX 1000
/* An expression is one of a character-string of the DNS, so 255 bytes. */
#define ERE_LENGTH_MAX 255
#define ERE_SETS_MAX (ERE_LENGTH_MAX / 3 + 1) /* "[a]" is the shortest */

enum ere_op {
	ERE_BYTE,  /* this one */
	ERE_SET,   /* one of a set */
	ERE_ANY,   /* any one */
	ERE_BEGIN, /* only at the beginning of the text */
	ERE_END,   /* only at its end */
	ERE_SAVE,  /* the place, as a border of a group */
	ERE_JUMP,  /* to `first` */
	ERE_SPLIT, /* to `first`, and to `second` where that leads nowhere */
	ERE_MATCH,
};

struct ere_inst {
	enum ere_op op;
	uint16_t value;        /* byte, set or border */
	int16_t first, second; /* relative */
};

struct ere {
	size_t count;
	struct ere_inst program[ERE_PROGRAM_MAX];
	size_t set_count;
	uint8_t sets[ERE_SETS_MAX][32]; /* bits */
};

#endif
