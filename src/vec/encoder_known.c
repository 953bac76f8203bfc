/* SPDX-License-Identifier: Apache-2.0 */
/* encoder_known.c - encoders that are known by their checksum (docs/PROVENANCE.md). */
#include "vec/encoder_import.h"

static const struct encoder_known known[] = {
	{
		.weights = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
		.vocab = "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
		.name = "all-MiniLM-L6-v2",
		.licence = "Apache-2.0",
		.prefix = "",
		.heads = 12,
		.pooling = POOL_MEAN,
	},
	{
		/* As bench/encoder/onnx_to_safetensors writes it. The instruction that its
		 * authors put before queries is for finding passages, not for comparing
		 * sentences: no prefix. */
		.weights = "7729f2cb94ad5e3d954f8c1f9a84f1c995b33bc843a353de5cc6a77caea7544d",
		.vocab = "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
		.name = "bge-small-en-v1.5",
		.licence = "MIT",
		.prefix = "",
		.heads = 12,
		.pooling = POOL_FIRST,
	},
};

const struct encoder_known *
encoder_known(struct str hash)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (str_eqz(hash, known[i].weights))
			return &known[i];
	return NULL;
}
