/* An .npy array of images: N×H×W or N×H×W×3 unsigned bytes. */
#include "store/image_list_parts.h"

#include "store/npy.h"

#include <unistd.h>

assay_code images_npy_list(image_listing *l, assay_err *err)
{
    npy_header h;
    int fd;
    const char *file = l->request->images;
    ASSAY_TRY(npy_open_images(file, &h, &fd, err));
    close(fd);
    const listed_container c = {.path = image_listing_below(l, l->at),
                                .kind = CONTAINER_NPY,
                                .item_count = h.shape[0],
                                .alone = true};
    l->list.kind = ".npy";
    ASSAY_TRY(image_listing_container(l, &c, err));
    char labels[PATH_MAX];
    if (!l->request->labels && images_labels_beside(file, labels))
        return images_vector_labels(l, labels, file, 0, err);
    return ASSAY_OK;
}
