/* The end of a frame, whole or half built. */
#include "frame/frame.h"

#include "support/check.h"

#include <string.h>

static char *copy(const char *s)
{
    return mem_copy_text(s, strlen(s));
}

static frame *make_full_frame(void)
{
    frame *f = mem_zalloc(1, sizeof *f);
    assert_non_null(f);
    f->row_count = 2;
    uint16_t code;
    assert_int_equal(class_list_add(&f->classes, "cat", 3, &code, NULL), ASSAY_OK);
    f->label = mem_zalloc(2, sizeof *f->label);
    f->prediction = mem_zalloc(2, sizeof *f->prediction);
    f->confidence = mem_zalloc(2, sizeof *f->confidence);
    f->group = mem_zalloc(2, sizeof *f->group);
    f->model = copy("resnet");
    f->unchosen_models = copy("resnet, vit");
    f->top.code = mem_zalloc(4, sizeof *f->top.code);
    f->probability = mem_zalloc(1, sizeof *f->probability);
    f->probability->values.owned = mem_zalloc(2, sizeof(double));
    f->probability->divisor = mem_zalloc(2, sizeof(double));
    f->id = (text_column){copy("path"), mem_zalloc(3, sizeof(uint64_t)), copy("")};
    f->metric_count = 2;
    f->metric = mem_zalloc(2, sizeof *f->metric);
    f->metric[0] = (metric_column){.name = copy("width"), .value = mem_zalloc(2, sizeof(double))};
    f->metric[1] =
        (metric_column){.name = copy("confidence"), .value = f->confidence, .value_borrowed = true};
    f->attribute_count = 2;
    f->attribute = mem_zalloc(2, sizeof *f->attribute);
    f->attribute[0].name = copy("split");
    f->attribute[0].code = mem_zalloc(2, sizeof(uint32_t));
    f->attribute[0].value_count = 3;
    f->attribute[0].value = mem_zalloc(3, sizeof(char *));
    f->attribute[0].value[0] = copy("test");
    f->attribute[1].value_count = 5;
    return f;
}

static void everything_is_freed_once_and_borrowed_values_are_left_alone(void **state)
{
    (void)state;
    const size_t alive = mem_live();
    frame *f = make_full_frame();
    assert_true(mem_live() > alive + 16);
    frame_free(f);
    assert_int_equal(mem_live(), alive);
}

static void nothing_and_zeroes_can_be_freed(void **state)
{
    (void)state;
    const size_t alive = mem_live();
    frame_free(NULL);
    frame_free(mem_zalloc(1, sizeof(frame)));
    assert_int_equal(mem_live(), alive);
}

static void names_of_a_model_are_known_in_either_case(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t length;
        bool of_model;
    } cases[] = {{"correct", 7, true},
                 {"PREDICTION", 10, true},
                 {"Normalised_Margin", 17, true},
                 {"confidence = 1", 10, true},
                 {"confidence", 9, false},
                 {"margins", 7, false},
                 {"label", 5, false},
                 {"", 0, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(frame_name_is_of_model(cases[i].name, cases[i].length), cases[i].of_model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_freed_once_and_borrowed_values_are_left_alone),
        cmocka_unit_test(nothing_and_zeroes_can_be_freed),
        cmocka_unit_test(names_of_a_model_are_known_in_either_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
