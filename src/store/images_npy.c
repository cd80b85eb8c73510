/* An .npy array of images: N×H×W or N×H×W×3 unsigned bytes. */
#include "store/image_list_parts.h"

#include "store/npy.h"

assay_code images_npy_list(image_listing *l, assay_err *err)
{
    npy_file f;
    const char *file = l->request->images;
    ASSAY_TRY(npy_open_images(file, &f, err));
    const listed_container c = {.path = image_listing_below(l, l->at),
                                .kind = CONTAINER_NPY,
                                .item_count = f.header.shape[0],
                                .alone = true};
    npy_close(&f);
    l->list.kind = ".npy";
    ASSAY_TRY(image_listing_container(l, &c, err));
    char labels[PATH_MAX];
    if (!l->request->labels && images_labels_beside(file, labels))
        return images_vector_labels(l, labels, file, 0, err);
    return ASSAY_OK;
}
