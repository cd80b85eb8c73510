/* A list in a table's cell from bytes. Each item must lie within the cell or the scratch, and
 * reading it again must give the same. */
#include "store/list_cell.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds)
{
    if (!holds)
        __builtin_trap();
}

static int lies_in(const list_item *item, const char *at, size_t length)
{
    const uintptr_t start = (uintptr_t)at;
    const uintptr_t first = (uintptr_t)item->at;
    return at && first >= start && first - start <= length &&
           item->length <= length - (first - start);
}

static void check_items(const list_items *items, const char *cell, size_t size)
{
    must(items->count <= items->room);
    must(items->scratch_used <= items->scratch_room);
    for (uint32_t i = 0; i < items->count; i++) {
        const list_item *item = &items->item[i];
        must(lies_in(item, cell, size) || lies_in(item, items->scratch, items->scratch_used));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *cell = (const char *)data;
    list_items items = {0};
    assay_err err = {0};
    const bool is_list = list_cell_is_list(cell, size);
    const assay_code code = list_cell_parse(cell, size, &items, &err);
    if (code == ASSAY_OK) {
        must(is_list);
        check_items(&items, cell, size);
        const uint32_t count = items.count;
        must(list_cell_parse(cell, size, &items, NULL) == ASSAY_OK && items.count == count);
    } else {
        must(err.code == code && err.msg[0] != '\0');
    }
    list_items_clear(&items);
    return 0;
}
