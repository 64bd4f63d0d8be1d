// Runs the determinism bench on a model file and prints the hash of its events; the same source on every processor.
// Apart from the engine because the engine neither opens files nor allocates.
//
//     golden MODEL

#include "golden.h"
#include "model.h"

int main(int count, char **arguments) {
    struct Model model = readModel(count > 1 ? arguments[1] : NULL);
    uint8_t digest[32];
    int32_t status = precordia_golden(model.bytes, model.count, model.memory, model.memoryCount, digest);
    if (status != 0) {
        fprintf(stderr, "golden: precordia_golden returned %d\n", (int)status);
        return 1;
    }
    for (int index = 0; index < 32; index++) printf("%02x", digest[index]);
    printf("\n");
    return 0;
}
