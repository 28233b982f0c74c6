/* Application identifiers, release 2026-01-27 of the GS1 barcode syntax dictionary. Made by tests/data/gs1_table.py: a new
 * release is a new run of it. Read by gs1_ai_find() only. */
#include "app/domain/gs1_table.h"
#include <string.h>

const char GS1_RELEASE[] = "2026-01-27";

/* ---- components: set, least, most, optional, linters ---- */

static const struct gs1_part PARTS_N10_LATITUDE_N10_LONGITUDE[] = {
    {GS1_SET_N, 10, 10, false, {LINT_LATITUDE}}, {GS1_SET_N, 10, 10, false, {LINT_LONGITUDE}}, {0}};
static const struct gs1_part PARTS_N13[] = {{GS1_SET_N, 13, 13, false, {0}}, {0}};
static const struct gs1_part PARTS_N13_CSUM_GCPPOS1[] = {{GS1_SET_N, 13, 13, false, {LINT_CSUM, LINT_GCPPOS1}}, {0}};
static const struct gs1_part PARTS_N13_CSUM_GCPPOS1_OR_NV12[] = {
    {GS1_SET_N, 13, 13, false, {LINT_CSUM, LINT_GCPPOS1}}, {GS1_SET_N, 1, 12, true, {0}}, {0}};
static const struct gs1_part PARTS_N13_CSUM_GCPPOS1_OR_XV17[] = {
    {GS1_SET_N, 13, 13, false, {LINT_CSUM, LINT_GCPPOS1}}, {GS1_SET_X, 1, 17, true, {0}}, {0}};
static const struct gs1_part PARTS_N14_CSUM_GCPPOS2[] = {{GS1_SET_N, 14, 14, false, {LINT_CSUM, LINT_GCPPOS2}}, {0}};
static const struct gs1_part PARTS_N14_CSUM_GCPPOS2_N4_PIECEOFTOTAL[] = {
    {GS1_SET_N, 14, 14, false, {LINT_CSUM, LINT_GCPPOS2}}, {GS1_SET_N, 4, 4, false, {LINT_PIECEOFTOTAL}}, {0}};
static const struct gs1_part PARTS_N15[] = {{GS1_SET_N, 15, 15, false, {0}}, {0}};
static const struct gs1_part PARTS_N17_CSUM_GCPPOS1[] = {{GS1_SET_N, 17, 17, false, {LINT_CSUM, LINT_GCPPOS1}}, {0}};
static const struct gs1_part PARTS_N18_CSUM_GCPPOS1[] = {{GS1_SET_N, 18, 18, false, {LINT_CSUM, LINT_GCPPOS1}}, {0}};
static const struct gs1_part PARTS_N18_CSUM_GCPPOS2[] = {{GS1_SET_N, 18, 18, false, {LINT_CSUM, LINT_GCPPOS2}}, {0}};
static const struct gs1_part PARTS_N18_OR_NV2[] = {
    {GS1_SET_N, 18, 18, false, {0}}, {GS1_SET_N, 1, 2, true, {0}}, {0}};
static const struct gs1_part PARTS_N1_ISO5218[] = {{GS1_SET_N, 1, 1, false, {LINT_ISO5218}}, {0}};
static const struct gs1_part PARTS_N1_X1_X1_X1_IMPORTERIDX[] = {{GS1_SET_N, 1, 1, false, {0}},
                                                                {GS1_SET_X, 1, 1, false, {0}},
                                                                {GS1_SET_X, 1, 1, false, {0}},
                                                                {GS1_SET_X, 1, 1, false, {LINT_IMPORTERIDX}},
                                                                {0}};
static const struct gs1_part PARTS_N1_YESNO[] = {{GS1_SET_N, 1, 1, false, {LINT_YESNO}}, {0}};
static const struct gs1_part PARTS_N1_ZERO_N13_CSUM_GCPPOS1_OR_XV16[] = {
    {GS1_SET_N, 1, 1, false, {LINT_ZERO}},
    {GS1_SET_N, 13, 13, false, {LINT_CSUM, LINT_GCPPOS1}},
    {GS1_SET_X, 1, 16, true, {0}},
    {0}};
static const struct gs1_part PARTS_N2[] = {{GS1_SET_N, 2, 2, false, {0}}, {0}};
static const struct gs1_part PARTS_N2_MEDIATYPE[] = {{GS1_SET_N, 2, 2, false, {LINT_MEDIATYPE}}, {0}};
static const struct gs1_part PARTS_N32[] = {{GS1_SET_N, 32, 32, false, {0}}, {0}};
static const struct gs1_part PARTS_N3_ISO3166[] = {{GS1_SET_N, 3, 3, false, {LINT_ISO3166}}, {0}};
static const struct gs1_part PARTS_N3_ISO3166999_XV27[] = {
    {GS1_SET_N, 3, 3, false, {LINT_ISO3166999}}, {GS1_SET_X, 1, 27, false, {0}}, {0}};
static const struct gs1_part PARTS_N3_ISO3166_OR_N3_ISO3166_OR_N3_ISO3166_OR_N3_ISO3166_OR_N3_ISO3166[] = {
    {GS1_SET_N, 3, 3, false, {LINT_ISO3166}}, {GS1_SET_N, 3, 3, true, {LINT_ISO3166}},
    {GS1_SET_N, 3, 3, true, {LINT_ISO3166}},  {GS1_SET_N, 3, 3, true, {LINT_ISO3166}},
    {GS1_SET_N, 3, 3, true, {LINT_ISO3166}},  {0}};
static const struct gs1_part PARTS_N3_ISO3166_XV9[] = {
    {GS1_SET_N, 3, 3, false, {LINT_ISO3166}}, {GS1_SET_X, 1, 9, false, {0}}, {0}};
static const struct gs1_part PARTS_N3_ISO4217_NV15[] = {
    {GS1_SET_N, 3, 3, false, {LINT_ISO4217}}, {GS1_SET_N, 1, 15, false, {0}}, {0}};
static const struct gs1_part PARTS_N4[] = {{GS1_SET_N, 4, 4, false, {0}}, {0}};
static const struct gs1_part PARTS_N4_NONZERO_N5_NONZERO_N3_NONZERO_N1_WINDING_N1[] = {
    {GS1_SET_N, 4, 4, false, {LINT_NONZERO}},
    {GS1_SET_N, 5, 5, false, {LINT_NONZERO}},
    {GS1_SET_N, 3, 3, false, {LINT_NONZERO}},
    {GS1_SET_N, 1, 1, false, {LINT_WINDING}},
    {GS1_SET_N, 1, 1, false, {0}},
    {0}};
static const struct gs1_part PARTS_N6[] = {{GS1_SET_N, 6, 6, false, {0}}, {0}};
static const struct gs1_part PARTS_N6_OR_X1_HYPHEN[] = {
    {GS1_SET_N, 6, 6, false, {0}}, {GS1_SET_X, 1, 1, true, {LINT_HYPHEN}}, {0}};
static const struct gs1_part PARTS_N6_YYMMD0[] = {{GS1_SET_N, 6, 6, false, {LINT_YYMMD0}}, {0}};
static const struct gs1_part PARTS_N6_YYMMD0_N4_HHMI[] = {
    {GS1_SET_N, 6, 6, false, {LINT_YYMMD0}}, {GS1_SET_N, 4, 4, false, {LINT_HHMI}}, {0}};
static const struct gs1_part PARTS_N6_YYMMDD[] = {{GS1_SET_N, 6, 6, false, {LINT_YYMMDD}}, {0}};
static const struct gs1_part PARTS_N6_YYMMDD_N2_HH_OR_N2_MI_OR_N2_SS[] = {{GS1_SET_N, 6, 6, false, {LINT_YYMMDD}},
                                                                          {GS1_SET_N, 2, 2, false, {LINT_HH}},
                                                                          {GS1_SET_N, 2, 2, true, {LINT_MI}},
                                                                          {GS1_SET_N, 2, 2, true, {LINT_SS}},
                                                                          {0}};
static const struct gs1_part PARTS_N6_YYMMDD_N4_HHMI[] = {
    {GS1_SET_N, 6, 6, false, {LINT_YYMMDD}}, {GS1_SET_N, 4, 4, false, {LINT_HHMI}}, {0}};
static const struct gs1_part PARTS_N6_YYMMDD_OR_N4_HHMI[] = {
    {GS1_SET_N, 6, 6, false, {LINT_YYMMDD}}, {GS1_SET_N, 4, 4, true, {LINT_HHMI}}, {0}};
static const struct gs1_part PARTS_N6_YYMMDD_OR_N6_YYMMDD[] = {
    {GS1_SET_N, 6, 6, false, {LINT_YYMMDD}}, {GS1_SET_N, 6, 6, true, {LINT_YYMMDD}}, {0}};
static const struct gs1_part PARTS_N8_YYYYMMDD[] = {{GS1_SET_N, 8, 8, false, {LINT_YYYYMMDD}}, {0}};
static const struct gs1_part PARTS_N8_YYYYMMDD_N4_HHMI[] = {
    {GS1_SET_N, 8, 8, false, {LINT_YYYYMMDD}}, {GS1_SET_N, 4, 4, false, {LINT_HHMI}}, {0}};
static const struct gs1_part PARTS_NV10[] = {{GS1_SET_N, 1, 10, false, {0}}, {0}};
static const struct gs1_part PARTS_NV12_NOZEROPREFIX[] = {{GS1_SET_N, 1, 12, false, {LINT_NOZEROPREFIX}}, {0}};
static const struct gs1_part PARTS_NV15[] = {{GS1_SET_N, 1, 15, false, {0}}, {0}};
static const struct gs1_part PARTS_NV4[] = {{GS1_SET_N, 1, 4, false, {0}}, {0}};
static const struct gs1_part PARTS_NV6[] = {{GS1_SET_N, 1, 6, false, {0}}, {0}};
static const struct gs1_part PARTS_NV8[] = {{GS1_SET_N, 1, 8, false, {0}}, {0}};
static const struct gs1_part PARTS_X2_ISO3166ALPHA2[] = {{GS1_SET_X, 2, 2, false, {LINT_ISO3166ALPHA2}}, {0}};
static const struct gs1_part PARTS_X2_XV28[] = {{GS1_SET_X, 2, 2, false, {0}}, {GS1_SET_X, 1, 28, false, {0}}, {0}};
static const struct gs1_part PARTS_X3_POSINSEQSLASH[] = {{GS1_SET_X, 3, 3, false, {LINT_POSINSEQSLASH}}, {0}};
static const struct gs1_part PARTS_XV10[] = {{GS1_SET_X, 1, 10, false, {0}}, {0}};
static const struct gs1_part PARTS_XV12[] = {{GS1_SET_X, 1, 12, false, {0}}, {0}};
static const struct gs1_part PARTS_XV2[] = {{GS1_SET_X, 1, 2, false, {0}}, {0}};
static const struct gs1_part PARTS_XV20[] = {{GS1_SET_X, 1, 20, false, {0}}, {0}};
static const struct gs1_part PARTS_XV25[] = {{GS1_SET_X, 1, 25, false, {0}}, {0}};
static const struct gs1_part PARTS_XV25_CSUMALPHA_GCPPOS1[] = {
    {GS1_SET_X, 1, 25, false, {LINT_CSUMALPHA, LINT_GCPPOS1}}, {0}};
static const struct gs1_part PARTS_XV25_CSUMALPHA_GCPPOS1_HASNONDIGIT[] = {
    {GS1_SET_X, 1, 25, false, {LINT_CSUMALPHA, LINT_GCPPOS1, LINT_HASNONDIGIT}}, {0}};
static const struct gs1_part PARTS_XV28[] = {{GS1_SET_X, 1, 28, false, {0}}, {0}};
static const struct gs1_part PARTS_XV3[] = {{GS1_SET_X, 1, 3, false, {0}}, {0}};
static const struct gs1_part PARTS_XV30[] = {{GS1_SET_X, 1, 30, false, {0}}, {0}};
static const struct gs1_part PARTS_XV30_GCPPOS1[] = {{GS1_SET_X, 1, 30, false, {LINT_GCPPOS1}}, {0}};
static const struct gs1_part PARTS_XV34_IBAN[] = {{GS1_SET_X, 1, 34, false, {LINT_IBAN}}, {0}};
static const struct gs1_part PARTS_XV35_PCENC[] = {{GS1_SET_X, 1, 35, false, {LINT_PCENC}}, {0}};
static const struct gs1_part PARTS_XV40_PCENC[] = {{GS1_SET_X, 1, 40, false, {LINT_PCENC}}, {0}};
static const struct gs1_part PARTS_XV4_PACKAGETYPE[] = {{GS1_SET_X, 1, 4, false, {LINT_PACKAGETYPE}}, {0}};
static const struct gs1_part PARTS_XV50[] = {{GS1_SET_X, 1, 50, false, {0}}, {0}};
static const struct gs1_part PARTS_XV70[] = {{GS1_SET_X, 1, 70, false, {0}}, {0}};
static const struct gs1_part PARTS_XV70_COUPONCODE[] = {{GS1_SET_X, 1, 70, false, {LINT_COUPONCODE}}, {0}};
static const struct gs1_part PARTS_XV70_COUPONPOSOFFER[] = {{GS1_SET_X, 1, 70, false, {LINT_COUPONPOSOFFER}}, {0}};
static const struct gs1_part PARTS_XV70_PCENC[] = {{GS1_SET_X, 1, 70, false, {LINT_PCENC}}, {0}};
static const struct gs1_part PARTS_XV90[] = {{GS1_SET_X, 1, 90, false, {0}}, {0}};
static const struct gs1_part PARTS_XV90_PCENC[] = {{GS1_SET_X, 1, 90, false, {LINT_PCENC}}, {0}};
static const struct gs1_part PARTS_YV30_GCPPOS1[] = {{GS1_SET_Y, 1, 30, false, {LINT_GCPPOS1}}, {0}};
static const struct gs1_part PARTS_ZV90[] = {{GS1_SET_Z, 1, 90, false, {0}}, {0}};

/* ---- identifiers: first and last, flags, components, companions, exclusive, qualifiers of a key ---- */

static const struct gs1_ai AIS[] = {
    {"00", "00", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N18_CSUM_GCPPOS2, {NULL, NULL}, NULL, ""},
    {"01", "01", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N14_CSUM_GCPPOS2, {NULL, NULL}, "255,37", "22,10,21|235"},
    {"02", "02", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N14_CSUM_GCPPOS2, {"37", NULL}, "01,03", NULL},
    {"03", "03", GS1_FIXED, PARTS_N14_CSUM_GCPPOS2, {NULL, NULL}, "01,02,37", NULL},
    {"10", "10", GS1_ATTRIBUTE, PARTS_XV20, {"01,02,03,8006,8026", NULL}, NULL, NULL},
    {"11", "11", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6_YYMMD0, {"01,02,03,8006,8026", NULL}, NULL, NULL},
    {"12", "12", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6_YYMMD0, {"8020", NULL}, NULL, NULL},
    {"13", "13", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6_YYMMD0, {"01,02,03,8006,8026", NULL}, NULL, NULL},
    {"15", "15", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6_YYMMD0, {"01,02,03,8006,8026", NULL}, NULL, NULL},
    {"16", "16", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6_YYMMD0, {"01,02,03,8006,8026", NULL}, NULL, NULL},
    {"17", "17", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6_YYMMD0, {"01,02,03,255,8006,8026", NULL}, NULL, NULL},
    {"20", "20", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N2, {"01,02,8006,8026", NULL}, NULL, NULL},
    {"21", "21", 0, PARTS_XV20, {"01,03,8006", NULL}, "235", NULL},
    {"22", "22", 0, PARTS_XV20, {"01", NULL}, NULL, NULL},
    {"235", "235", 0, PARTS_XV28, {"01", NULL}, NULL, NULL},
    {"240", "240", GS1_ATTRIBUTE, PARTS_XV30, {"01,02,8006,8026", NULL}, NULL, NULL},
    {"241", "241", GS1_ATTRIBUTE, PARTS_XV30, {"01,02,8006,8026", NULL}, NULL, NULL},
    {"242", "242", GS1_ATTRIBUTE, PARTS_NV6, {"01,02,8006,8026", NULL}, NULL, NULL},
    {"243", "243", GS1_ATTRIBUTE, PARTS_XV20, {"01", NULL}, NULL, NULL},
    {"250", "250", GS1_ATTRIBUTE, PARTS_XV30, {"01,8006", "21"}, NULL, NULL},
    {"251", "251", GS1_ATTRIBUTE, PARTS_XV30, {"01,8006", NULL}, NULL, NULL},
    {"253", "253", GS1_ATTRIBUTE, PARTS_N13_CSUM_GCPPOS1_OR_XV17, {NULL, NULL}, NULL, ""},
    {"254", "254", 0, PARTS_XV20, {"414", NULL}, NULL, NULL},
    {"255", "255", GS1_ATTRIBUTE, PARTS_N13_CSUM_GCPPOS1_OR_NV12, {NULL, NULL}, "01,02,415,8006,8020,8026", ""},
    {"30", "30", GS1_ATTRIBUTE, PARTS_NV8, {"01,02", NULL}, NULL, NULL},
    {"3100", "3105", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"01,02", NULL}, "310n", NULL},
    {"3110", "3115", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"01,02", NULL}, "311n", NULL},
    {"3120", "3125", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"01,02", NULL}, "312n", NULL},
    {"3130", "3135", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"01,02", NULL}, "313n", NULL},
    {"3140", "3145", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"01,02", NULL}, "314n", NULL},
    {"3150", "3155", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"01,02", NULL}, "315n", NULL},
    {"3160", "3165", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"01,02", NULL}, "316n", NULL},
    {"3200", "3205", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"01,02", NULL}, "320n", NULL},
    {"3210", "3215", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"01,02", NULL}, "321n", NULL},
    {"3220", "3225", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"01,02", NULL}, "322n", NULL},
    {"3230", "3235", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"01,02", NULL}, "323n", NULL},
    {"3240", "3245", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"01,02", NULL}, "324n", NULL},
    {"3250", "3255", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"01,02", NULL}, "325n", NULL},
    {"3260", "3265", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"01,02", NULL}, "326n", NULL},
    {"3270", "3275", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"01,02", NULL}, "327n", NULL},
    {"3280", "3285", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"01,02", NULL}, "328n", NULL},
    {"3290", "3295", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"01,02", NULL}, "329n", NULL},
    {"3300", "3305", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"00,01", NULL}, "330n", NULL},
    {"3310", "3315", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"00,01", NULL}, "331n", NULL},
    {"3320", "3325", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"00,01", NULL}, "332n", NULL},
    {"3330", "3335", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"00,01", NULL}, "333n", NULL},
    {"3340", "3345", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"00,01", NULL}, "334n", NULL},
    {"3350", "3355", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"00,01", NULL}, "335n", NULL},
    {"3360", "3365", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"00,01", NULL}, "336n", NULL},
    {"3370", "3375", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"01", NULL}, "337n", NULL},
    {"3400", "3405", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"00,01", NULL}, "340n", NULL},
    {"3410", "3415", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"00,01", NULL}, "341n", NULL},
    {"3420", "3425", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"00,01", NULL}, "342n", NULL},
    {"3430", "3435", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"00,01", NULL}, "343n", NULL},
    {"3440", "3445", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"00,01", NULL}, "344n", NULL},
    {"3450", "3455", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"00,01", NULL}, "345n", NULL},
    {"3460", "3465", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"00,01", NULL}, "346n", NULL},
    {"3470", "3475", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"00,01", NULL}, "347n", NULL},
    {"3480", "3485", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"00,01", NULL}, "348n", NULL},
    {"3490", "3495", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"00,01", NULL}, "349n", NULL},
    {"3500", "3505", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"01,02", NULL}, "350n", NULL},
    {"3510", "3515", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"01,02", NULL}, "351n", NULL},
    {"3520", "3525", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"01,02", NULL}, "352n", NULL},
    {"3530", "3535", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"00,01", NULL}, "353n", NULL},
    {"3540", "3545", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"00,01", NULL}, "354n", NULL},
    {"3550", "3555", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"00,01", NULL}, "355n", NULL},
    {"3560", "3565", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"01,02", NULL}, "356n", NULL},
    {"3570", "3575", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"01,02", NULL}, "357n", NULL},
    {"3600", "3605", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"01,02", NULL}, "360n", NULL},
    {"3610", "3615", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"01,02", NULL}, "361n", NULL},
    {"3620", "3625", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"00,01", NULL}, "362n", NULL},
    {"3630", "3635", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"00,01", NULL}, "363n", NULL},
    {"3640", "3645", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"01,02", NULL}, "364n", NULL},
    {"3650", "3655", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"01,02", NULL}, "365n", NULL},
    {"3660", "3665", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"01,02", NULL}, "366n", NULL},
    {"3670", "3675", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"00,01", NULL}, "367n", NULL},
    {"3680", "3685", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"00,01", NULL}, "368n", NULL},
    {"3690", "3695", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N6, {"00,01", NULL}, "369n", NULL},
    {"37", "37", GS1_ATTRIBUTE, PARTS_NV8, {"00", "02,8026"}, NULL, NULL},
    {"3900", "3909", GS1_ATTRIBUTE, PARTS_NV15, {"255,8020", NULL}, "390n,391n,394n,8111", NULL},
    {"3910", "3919", GS1_ATTRIBUTE, PARTS_N3_ISO4217_NV15, {"8020", NULL}, "391n", NULL},
    {"3920", "3929", GS1_ATTRIBUTE, PARTS_NV15, {"01", "30,31nn,32nn,35nn,36nn"}, "392n,393n", NULL},
    {"3930", "3939", GS1_ATTRIBUTE, PARTS_N3_ISO4217_NV15, {"30,31nn,32nn,35nn,36nn", NULL}, "393n", NULL},
    {"3940", "3943", GS1_ATTRIBUTE, PARTS_N4, {"255", NULL}, "394n,8111", NULL},
    {"3950", "3955", GS1_ATTRIBUTE, PARTS_N6, {"30,31nn,32nn,35nn,36nn", NULL}, "392n,393n,395n,8005", NULL},
    {"400", "400", GS1_ATTRIBUTE, PARTS_XV30, {NULL, NULL}, NULL, NULL},
    {"401", "401", GS1_ATTRIBUTE, PARTS_XV30_GCPPOS1, {NULL, NULL}, NULL, ""},
    {"402", "402", GS1_ATTRIBUTE, PARTS_N17_CSUM_GCPPOS1, {NULL, NULL}, NULL, ""},
    {"403", "403", GS1_ATTRIBUTE, PARTS_XV30, {"00", NULL}, NULL, NULL},
    {"410", "410", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N13_CSUM_GCPPOS1, {NULL, NULL}, NULL, NULL},
    {"411", "411", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N13_CSUM_GCPPOS1, {NULL, NULL}, NULL, NULL},
    {"412", "412", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N13_CSUM_GCPPOS1, {NULL, NULL}, NULL, NULL},
    {"413", "413", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N13_CSUM_GCPPOS1, {NULL, NULL}, NULL, NULL},
    {"414", "414", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N13_CSUM_GCPPOS1, {NULL, NULL}, NULL, "254|7040"},
    {"415", "415", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N13_CSUM_GCPPOS1, {"8020", NULL}, NULL, "8020"},
    {"416", "416", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N13_CSUM_GCPPOS1, {NULL, NULL}, NULL, NULL},
    {"417", "417", GS1_FIXED | GS1_ATTRIBUTE, PARTS_N13_CSUM_GCPPOS1, {NULL, NULL}, NULL, "7040"},
    {"420", "420", GS1_ATTRIBUTE, PARTS_XV20, {NULL, NULL}, "421", NULL},
    {"421", "421", GS1_ATTRIBUTE, PARTS_N3_ISO3166_XV9, {NULL, NULL}, "4307", NULL},
    {"422", "422", GS1_ATTRIBUTE, PARTS_N3_ISO3166, {"01,02,8006,8026", NULL}, "426", NULL},
    {"423",
     "423",
     GS1_ATTRIBUTE,
     PARTS_N3_ISO3166_OR_N3_ISO3166_OR_N3_ISO3166_OR_N3_ISO3166_OR_N3_ISO3166,
     {"01,02", NULL},
     "426",
     NULL},
    {"424", "424", GS1_ATTRIBUTE, PARTS_N3_ISO3166, {"01,02", NULL}, "426", NULL},
    {"425",
     "425",
     GS1_ATTRIBUTE,
     PARTS_N3_ISO3166_OR_N3_ISO3166_OR_N3_ISO3166_OR_N3_ISO3166_OR_N3_ISO3166,
     {"01,02", NULL},
     "426",
     NULL},
    {"426", "426", GS1_ATTRIBUTE, PARTS_N3_ISO3166, {"01,02", NULL}, NULL, NULL},
    {"427", "427", GS1_ATTRIBUTE, PARTS_XV3, {"01,02", "422"}, NULL, NULL},
    {"4300", "4300", GS1_ATTRIBUTE, PARTS_XV35_PCENC, {"00", NULL}, NULL, NULL},
    {"4301", "4301", GS1_ATTRIBUTE, PARTS_XV35_PCENC, {"00", NULL}, NULL, NULL},
    {"4302", "4302", GS1_ATTRIBUTE, PARTS_XV70_PCENC, {"00", NULL}, NULL, NULL},
    {"4303", "4303", GS1_ATTRIBUTE, PARTS_XV70_PCENC, {"4302", NULL}, NULL, NULL},
    {"4304", "4304", GS1_ATTRIBUTE, PARTS_XV70_PCENC, {"00", NULL}, NULL, NULL},
    {"4305", "4305", GS1_ATTRIBUTE, PARTS_XV70_PCENC, {"00", NULL}, NULL, NULL},
    {"4306", "4306", GS1_ATTRIBUTE, PARTS_XV70_PCENC, {"00", NULL}, NULL, NULL},
    {"4307", "4307", GS1_ATTRIBUTE, PARTS_X2_ISO3166ALPHA2, {"00", NULL}, NULL, NULL},
    {"4308", "4308", GS1_ATTRIBUTE, PARTS_XV30, {"00", NULL}, NULL, NULL},
    {"4309", "4309", GS1_ATTRIBUTE, PARTS_N10_LATITUDE_N10_LONGITUDE, {"00", NULL}, NULL, NULL},
    {"4310", "4310", GS1_ATTRIBUTE, PARTS_XV35_PCENC, {"00", NULL}, NULL, NULL},
    {"4311", "4311", GS1_ATTRIBUTE, PARTS_XV35_PCENC, {"00", NULL}, NULL, NULL},
    {"4312", "4312", GS1_ATTRIBUTE, PARTS_XV70_PCENC, {"00", NULL}, NULL, NULL},
    {"4313", "4313", GS1_ATTRIBUTE, PARTS_XV70_PCENC, {"4312", NULL}, NULL, NULL},
    {"4314", "4314", GS1_ATTRIBUTE, PARTS_XV70_PCENC, {"00", NULL}, NULL, NULL},
    {"4315", "4315", GS1_ATTRIBUTE, PARTS_XV70_PCENC, {"00", NULL}, NULL, NULL},
    {"4316", "4316", GS1_ATTRIBUTE, PARTS_XV70_PCENC, {"00", NULL}, NULL, NULL},
    {"4317", "4317", GS1_ATTRIBUTE, PARTS_X2_ISO3166ALPHA2, {"00", NULL}, NULL, NULL},
    {"4318", "4318", GS1_ATTRIBUTE, PARTS_XV20, {"00", NULL}, NULL, NULL},
    {"4319", "4319", GS1_ATTRIBUTE, PARTS_XV30, {"00", NULL}, NULL, NULL},
    {"4320", "4320", GS1_ATTRIBUTE, PARTS_XV35_PCENC, {"00", NULL}, NULL, NULL},
    {"4321", "4321", GS1_ATTRIBUTE, PARTS_N1_YESNO, {"00", NULL}, NULL, NULL},
    {"4322", "4322", GS1_ATTRIBUTE, PARTS_N1_YESNO, {"00", NULL}, NULL, NULL},
    {"4323", "4323", GS1_ATTRIBUTE, PARTS_N1_YESNO, {"00", NULL}, NULL, NULL},
    {"4324", "4324", GS1_ATTRIBUTE, PARTS_N6_YYMMD0_N4_HHMI, {"00", NULL}, NULL, NULL},
    {"4325", "4325", GS1_ATTRIBUTE, PARTS_N6_YYMMD0_N4_HHMI, {"00", NULL}, NULL, NULL},
    {"4326", "4326", GS1_ATTRIBUTE, PARTS_N6_YYMMDD, {"00", NULL}, NULL, NULL},
    {"4330", "4330", GS1_ATTRIBUTE, PARTS_N6_OR_X1_HYPHEN, {"00", NULL}, "4331", NULL},
    {"4331", "4331", GS1_ATTRIBUTE, PARTS_N6_OR_X1_HYPHEN, {"00", NULL}, "4330", NULL},
    {"4332", "4332", GS1_ATTRIBUTE, PARTS_N6_OR_X1_HYPHEN, {"00", NULL}, "4333", NULL},
    {"4333", "4333", GS1_ATTRIBUTE, PARTS_N6_OR_X1_HYPHEN, {"00", NULL}, "4332", NULL},
    {"7001", "7001", GS1_ATTRIBUTE, PARTS_N13, {"01,02,8006,8026", NULL}, NULL, NULL},
    {"7002", "7002", GS1_ATTRIBUTE, PARTS_XV30, {"01,02", NULL}, NULL, NULL},
    {"7003", "7003", GS1_ATTRIBUTE, PARTS_N6_YYMMDD_N4_HHMI, {"01,02", NULL}, NULL, NULL},
    {"7004", "7004", GS1_ATTRIBUTE, PARTS_NV4, {"01+10", NULL}, NULL, NULL},
    {"7005", "7005", GS1_ATTRIBUTE, PARTS_XV12, {"01,02", NULL}, NULL, NULL},
    {"7006", "7006", GS1_ATTRIBUTE, PARTS_N6_YYMMDD, {"01,02", NULL}, NULL, NULL},
    {"7007", "7007", GS1_ATTRIBUTE, PARTS_N6_YYMMDD_OR_N6_YYMMDD, {"01,02", NULL}, NULL, NULL},
    {"7008", "7008", GS1_ATTRIBUTE, PARTS_XV3, {"01,02", NULL}, NULL, NULL},
    {"7009", "7009", GS1_ATTRIBUTE, PARTS_XV10, {"01,02", NULL}, NULL, NULL},
    {"7010", "7010", GS1_ATTRIBUTE, PARTS_XV2, {"01,02", NULL}, NULL, NULL},
    {"7011", "7011", GS1_ATTRIBUTE, PARTS_N6_YYMMDD_OR_N4_HHMI, {"01,02", NULL}, NULL, NULL},
    {"7020", "7020", GS1_ATTRIBUTE, PARTS_XV20, {"01,8006", "416"}, NULL, NULL},
    {"7021", "7021", GS1_ATTRIBUTE, PARTS_XV20, {"01,8006", NULL}, NULL, NULL},
    {"7022", "7022", GS1_ATTRIBUTE, PARTS_XV20, {"7021", NULL}, NULL, NULL},
    {"7023", "7023", GS1_ATTRIBUTE, PARTS_XV30_GCPPOS1, {NULL, NULL}, NULL, NULL},
    {"7030", "7030", GS1_ATTRIBUTE, PARTS_N3_ISO3166999_XV27, {"01,02", NULL}, NULL, NULL},
    {"7031", "7031", GS1_ATTRIBUTE, PARTS_N3_ISO3166999_XV27, {"01,02", NULL}, NULL, NULL},
    {"7032", "7032", GS1_ATTRIBUTE, PARTS_N3_ISO3166999_XV27, {"01,02", NULL}, NULL, NULL},
    {"7033", "7033", GS1_ATTRIBUTE, PARTS_N3_ISO3166999_XV27, {"01,02", NULL}, NULL, NULL},
    {"7034", "7034", GS1_ATTRIBUTE, PARTS_N3_ISO3166999_XV27, {"01,02", NULL}, NULL, NULL},
    {"7035", "7035", GS1_ATTRIBUTE, PARTS_N3_ISO3166999_XV27, {"01,02", NULL}, NULL, NULL},
    {"7036", "7036", GS1_ATTRIBUTE, PARTS_N3_ISO3166999_XV27, {"01,02", NULL}, NULL, NULL},
    {"7037", "7037", GS1_ATTRIBUTE, PARTS_N3_ISO3166999_XV27, {"01,02", NULL}, NULL, NULL},
    {"7038", "7038", GS1_ATTRIBUTE, PARTS_N3_ISO3166999_XV27, {"01,02", NULL}, NULL, NULL},
    {"7039", "7039", GS1_ATTRIBUTE, PARTS_N3_ISO3166999_XV27, {"01,02", NULL}, NULL, NULL},
    {"7040", "7040", 0, PARTS_N1_X1_X1_X1_IMPORTERIDX, {NULL, NULL}, NULL, NULL},
    {"7041", "7041", 0, PARTS_XV4_PACKAGETYPE, {"00", NULL}, NULL, NULL},
    {"710", "710", GS1_ATTRIBUTE, PARTS_XV20, {"01", NULL}, NULL, NULL},
    {"711", "711", GS1_ATTRIBUTE, PARTS_XV20, {"01", NULL}, NULL, NULL},
    {"712", "712", GS1_ATTRIBUTE, PARTS_XV20, {"01", NULL}, NULL, NULL},
    {"713", "713", GS1_ATTRIBUTE, PARTS_XV20, {"01", NULL}, NULL, NULL},
    {"714", "714", GS1_ATTRIBUTE, PARTS_XV20, {"01", NULL}, NULL, NULL},
    {"715", "715", GS1_ATTRIBUTE, PARTS_XV20, {"01", NULL}, NULL, NULL},
    {"716", "716", GS1_ATTRIBUTE, PARTS_XV20, {"01", NULL}, NULL, NULL},
    {"717", "717", GS1_ATTRIBUTE, PARTS_XV20, {"01", NULL}, NULL, NULL},
    {"7230", "7230", GS1_ATTRIBUTE, PARTS_X2_XV28, {"01,8004", NULL}, NULL, NULL},
    {"7231", "7231", GS1_ATTRIBUTE, PARTS_X2_XV28, {"01,8004", NULL}, NULL, NULL},
    {"7232", "7232", GS1_ATTRIBUTE, PARTS_X2_XV28, {"01,8004", NULL}, NULL, NULL},
    {"7233", "7233", GS1_ATTRIBUTE, PARTS_X2_XV28, {"01,8004", NULL}, NULL, NULL},
    {"7234", "7234", GS1_ATTRIBUTE, PARTS_X2_XV28, {"01,8004", NULL}, NULL, NULL},
    {"7235", "7235", GS1_ATTRIBUTE, PARTS_X2_XV28, {"01,8004", NULL}, NULL, NULL},
    {"7236", "7236", GS1_ATTRIBUTE, PARTS_X2_XV28, {"01,8004", NULL}, NULL, NULL},
    {"7237", "7237", GS1_ATTRIBUTE, PARTS_X2_XV28, {"01,8004", NULL}, NULL, NULL},
    {"7238", "7238", GS1_ATTRIBUTE, PARTS_X2_XV28, {"01,8004", NULL}, NULL, NULL},
    {"7239", "7239", GS1_ATTRIBUTE, PARTS_X2_XV28, {"01,8004", NULL}, NULL, NULL},
    {"7240", "7240", GS1_ATTRIBUTE, PARTS_XV20, {"01,8006", NULL}, NULL, NULL},
    {"7241", "7241", GS1_ATTRIBUTE, PARTS_N2_MEDIATYPE, {"8017,8018", NULL}, NULL, NULL},
    {"7242", "7242", GS1_ATTRIBUTE, PARTS_XV25, {"8017,8018", NULL}, NULL, NULL},
    {"7250", "7250", GS1_ATTRIBUTE, PARTS_N8_YYYYMMDD, {"8018", NULL}, "7251", NULL},
    {"7251", "7251", GS1_ATTRIBUTE, PARTS_N8_YYYYMMDD_N4_HHMI, {"8018", NULL}, "7250", NULL},
    {"7252", "7252", GS1_ATTRIBUTE, PARTS_N1_ISO5218, {"8018", NULL}, NULL, NULL},
    {"7253", "7253", GS1_ATTRIBUTE, PARTS_XV40_PCENC, {"8017,8018", NULL}, "7256,7259", NULL},
    {"7254", "7254", GS1_ATTRIBUTE, PARTS_XV40_PCENC, {"8017,8018", NULL}, "7256,7259", NULL},
    {"7255", "7255", GS1_ATTRIBUTE, PARTS_XV10, {"8017,8018", NULL}, "7256,7259", NULL},
    {"7256", "7256", GS1_ATTRIBUTE, PARTS_XV90_PCENC, {"8017,8018", NULL}, NULL, NULL},
    {"7257", "7257", GS1_ATTRIBUTE, PARTS_XV70_PCENC, {"8018", NULL}, NULL, NULL},
    {"7258", "7258", GS1_ATTRIBUTE, PARTS_X3_POSINSEQSLASH, {"8018+7259", NULL}, NULL, NULL},
    {"7259", "7259", GS1_ATTRIBUTE, PARTS_XV40_PCENC, {"8018", NULL}, "7256", NULL},
    {"8001", "8001", GS1_ATTRIBUTE, PARTS_N4_NONZERO_N5_NONZERO_N3_NONZERO_N1_WINDING_N1, {"01", NULL}, NULL, NULL},
    {"8002", "8002", GS1_ATTRIBUTE, PARTS_XV20, {NULL, NULL}, NULL, NULL},
    {"8003", "8003", GS1_ATTRIBUTE, PARTS_N1_ZERO_N13_CSUM_GCPPOS1_OR_XV16, {NULL, NULL}, NULL, ""},
    {"8004", "8004", GS1_ATTRIBUTE, PARTS_XV30_GCPPOS1, {NULL, NULL}, NULL, "7040"},
    {"8005", "8005", GS1_ATTRIBUTE, PARTS_N6, {"01,02", NULL}, NULL, NULL},
    {"8006", "8006", GS1_ATTRIBUTE, PARTS_N14_CSUM_GCPPOS2_N4_PIECEOFTOTAL, {NULL, NULL}, "01,37", "22,10,21"},
    {"8007", "8007", GS1_ATTRIBUTE, PARTS_XV34_IBAN, {"415", NULL}, NULL, NULL},
    {"8008", "8008", GS1_ATTRIBUTE, PARTS_N6_YYMMDD_N2_HH_OR_N2_MI_OR_N2_SS, {"01,02", NULL}, NULL, NULL},
    {"8009", "8009", GS1_ATTRIBUTE, PARTS_XV50, {"00,01", NULL}, NULL, NULL},
    {"8010", "8010", GS1_ATTRIBUTE, PARTS_YV30_GCPPOS1, {NULL, NULL}, NULL, "8011"},
    {"8011", "8011", 0, PARTS_NV12_NOZEROPREFIX, {"8010", NULL}, NULL, NULL},
    {"8012", "8012", GS1_ATTRIBUTE, PARTS_XV20, {"01,8006", NULL}, NULL, NULL},
    {"8013", "8013", GS1_ATTRIBUTE, PARTS_XV25_CSUMALPHA_GCPPOS1, {NULL, NULL}, NULL, ""},
    {"8014", "8014", 0, PARTS_XV25_CSUMALPHA_GCPPOS1_HASNONDIGIT, {"01", NULL}, NULL, NULL},
    {"8017", "8017", GS1_ATTRIBUTE, PARTS_N18_CSUM_GCPPOS1, {NULL, NULL}, "8018", "8019"},
    {"8018", "8018", GS1_ATTRIBUTE, PARTS_N18_CSUM_GCPPOS1, {NULL, NULL}, "8017", "8019"},
    {"8019", "8019", 0, PARTS_NV10, {"8017,8018", NULL}, NULL, NULL},
    {"8020", "8020", 0, PARTS_XV25, {"415", NULL}, NULL, NULL},
    {"8026", "8026", GS1_ATTRIBUTE, PARTS_N14_CSUM_GCPPOS2_N4_PIECEOFTOTAL, {"37", NULL}, "02,8006", NULL},
    {"8030",
     "8030",
     GS1_ATTRIBUTE,
     PARTS_ZV90,
     {"00,01+21,253,255,8003,8004,8006+21,8010+8011,8017,8018", NULL},
     NULL,
     NULL},
    {"8040", "8040", 0, PARTS_N15, {"01+21", NULL}, NULL, NULL},
    {"8041", "8041", 0, PARTS_N15, {"01+21+8040", NULL}, NULL, NULL},
    {"8042", "8042", 0, PARTS_N32, {"01+21+8040", NULL}, NULL, NULL},
    {"8043", "8043", 0, PARTS_N18_OR_NV2, {"01+21+8040", NULL}, NULL, NULL},
    {"8110", "8110", GS1_ATTRIBUTE, PARTS_XV70_COUPONCODE, {NULL, NULL}, NULL, NULL},
    {"8111", "8111", GS1_ATTRIBUTE, PARTS_N4, {"255", NULL}, NULL, NULL},
    {"8112", "8112", GS1_ATTRIBUTE, PARTS_XV70_COUPONPOSOFFER, {NULL, NULL}, NULL, NULL},
    {"8200", "8200", 0, PARTS_XV70, {"01", NULL}, NULL, NULL},
    {"90", "90", GS1_ATTRIBUTE, PARTS_XV30, {NULL, NULL}, NULL, NULL},
    {"91", "99", GS1_ATTRIBUTE, PARTS_XV90, {NULL, NULL}, NULL, NULL},
};

/* How the bytes' beginning compares with a row's last identifier. A row is found where this first is not above it: no
 * identifier begins another one, and the table is in their order. */
static int compare(const struct gs1_ai *ai, const uint8_t *bytes, size_t len)
{
    size_t digits = strlen(ai->last);
    int order = memcmp(bytes, ai->last, len < digits ? len : digits);
    return order == 0 && len < digits ? -1 : order;
}

const struct gs1_ai *gs1_ai_find(const uint8_t *bytes, size_t len)
{
    size_t low = 0, high = sizeof AIS / sizeof AIS[0];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(&AIS[middle], bytes, len) > 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == sizeof AIS / sizeof AIS[0])
        return NULL;
    size_t digits = strlen(AIS[low].first);
    if (len < digits || memcmp(bytes, AIS[low].first, digits) < 0)
        return NULL;
    for (size_t i = 0; i < digits; i++) /* "31:0" lies between "3100" and "3200", too */
        if (bytes[i] < '0' || bytes[i] > '9')
            return NULL;
    return &AIS[low];
}

size_t gs1_ai_count(void)
{
    return sizeof AIS / sizeof AIS[0];
}

const struct gs1_ai *gs1_ai_at(size_t i)
{
    return &AIS[i];
}
