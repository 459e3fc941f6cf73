/*
 * tsne.h - t-SNE as in Kobak & Berens, "The art of using t-SNE for
 * single-cell transcriptomics", Nature Communications 10:5416 (2019).
 *
 * Contents (each begins with its name between ==)
 *   Library     versions, the processor's path, handles alive
 *   Errors      statuses and their texts
 *   Choices     the enums that options and arguments take
 *   Hooks       progress and log
 *   Options     of a fit and of new points, and their defaults
 *   Handles     affinities, models, new points
 *   Fit         the whole job, from data or from affinities
 *   Starts      initial maps; fewer columns
 *   Neighbours  of the rows of data, of new rows, by distances
 *   Affinities  made of data, neighbours, distances or a matrix; the gradient
 *   Model       an embedding made of affinities, optimised, read, copied
 *   Data        what a model knows of the data that it is a map of
 *   Files       a model saved and loaded
 *   Transform   new points placed on a finished map
 *   Partial     new points made of affinities, optimised, read, copied
 *   Bootstrap   what the places of new points owe to the columns
 *   Align       maps made to agree, and laid onto each other
 *   Compare     a map beside its data, and beside another
 *   Trust       how far to trust a map, point by point
 *   Deprecated  names of earlier releases
 *
 * Conventions
 *   Matrices    row-major; X is n x d float, an embedding is n x dims float.
 *               Sizes are int64_t; n is at most 2^31 - 1 points.
 *   Doubles     functions in _f64 take X in double precision, in an enum
 *               tsne_order, and borrow it like all input. float32 is what the
 *               library works with: columns that it holds exactly are taken as
 *               they are, and so give the bits of the function without _f64;
 *               from a column far from zero (whose values are 32 times nearer
 *               to their median, in the mean) the median is taken off before
 *               rounding, by Euclidean, Manhattan, Chebyshev and Hamming
 *               distance; by correlation the same number off all columns; by
 *               cosine nothing, for there zero has a meaning. A model remembers
 *               what was taken off and counts new rows, of either precision,
 *               from there.
 *   Arguments   outputs first, buffers that are changed among them; then
 *               handles; then input, each array before its sizes (x, n, d and,
 *               of doubles, order); then numbers and flags; options last.
 *   Names       functions in _from_..., _load and _clone make a handle, those
 *               in _free take it back. "New" are points that a map was not
 *               made of.
 *   Ownership   inputs are borrowed for the call and never written. Outputs
 *               are the caller's buffers. A handle is the library's: free it
 *               once with its own free function; NULL is fine there.
 *   Status      0 is success, negatives are errors and are never renumbered.
 *               After an error tsne_last_error() has one line that names the
 *               culprit, and no output has been written, save that a
 *               cancelled optimisation gives the embedding so far.
 *   Threads     every function may be called from any thread. A handle takes
 *               one optimising call at a time; a second one waits its turn,
 *               and calls that only read the handle run side by side.
 *   Paths       UTF-8, NUL-terminated.
 *   Processes   a process that forks after loading the library must not call
 *               from the child: it gets TSNE_E_FORKED, and frees do nothing.
 *               Use exec, or load the library in the child.
 *   Signals     the host's handlers run on the host's threads alone, whatever
 *               stack and flags they ask for, also while a call is under way:
 *               the calling thread waits in C while a thread of the library,
 *               on which signals are blocked, works. A handler must return;
 *               it may set *cancel and must not call the library. SIGSEGV,
 *               SIGBUS and SIGFPE are taken over when the library is loaded,
 *               and those that are not its own passed on.
 *   Versions    a program built with the header of any release runs with every
 *               later library of the same TSNE_ABI, the number in the soname
 *               libtsne.so.0, which a release that breaks this raises. A struct
 *               says by its struct_size what its program knows of, and neither
 *               more is read nor more written. One longer than the library's is
 *               refused (TSNE_E_STRUCT_SIZE): install the newer library.
 *   Same bits   the same input, options and seed give the same bits on any
 *               number of threads and on every CPU path.
 */
#ifndef TSNE_H
#define TSNE_H

#include <stddef.h>
#include <stdint.h>

#define TSNE_VERSION_MAJOR 0
#define TSNE_VERSION_MINOR 5
#define TSNE_VERSION_PATCH 0
#define TSNE_VERSION "0.5.0"
#define TSNE_ABI 0 /* see Versions above */

/* Define TSNE_API as nothing to link the static archive on Windows. */
#if defined(TSNE_API)
#elif defined(_WIN32)
#define TSNE_API __declspec(dllimport)
#elif defined(__GNUC__)
#define TSNE_API __attribute__((visibility("default")))
#else
#define TSNE_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* == Library == */

/* TSNE_VERSION of the library that was loaded. Since 0.1. */
TSNE_API const char *tsne_version(void);

/* major * 10000 + minor * 100 + patch of the loaded library. Since 0.1. */
TSNE_API int tsne_version_number(void);

/* TSNE_ABI of the loaded library. Since 0.4. */
TSNE_API int tsne_abi(void);

/* The SIMD path in use: "portable", "avx2" or, since 0.2, "avx512"; "" in the
 * child of a fork. Since 0.1. */
TSNE_API const char *tsne_cpu(void);

/* Handles alive in this process, for tests of leaks; 0 in the child of a
 * fork. Since 0.1. */
TSNE_API int64_t tsne_live_handles(void);

/* == Errors == */

enum tsne_status {
  TSNE_OK = 0,
  TSNE_E_NULL = -1,        /* a pointer that must not be NULL is */
  TSNE_E_STRUCT_SIZE = -2, /* options.struct_size fits no known version */
  TSNE_E_HANDLE = -3,      /* a handle that is stale, freed or foreign */
  TSNE_E_SHAPE = -4,       /* n < 4, d < 1, or n * d too large */
  TSNE_E_NOT_FINITE = -5,  /* NaN or Inf; the message has row and column */
  TSNE_E_OPTION = -6,      /* an option out of range; the message names it */
  TSNE_E_GRAPH = -7,       /* a malformed neighbour graph or affinity matrix */
  TSNE_E_MEMORY = -8,      /* the estimate exceeds max_memory or what is free */
  TSNE_E_CANCELLED = -9,   /* a callback or *cancel asked to stop */
  TSNE_E_FORKED = -10,     /* called in the child of a fork */
  TSNE_E_IO = -11,         /* a file that cannot be read or written */
  TSNE_E_FILE = -12,       /* a file truncated, altered, foreign or newer */
  TSNE_E_NO_DATA = -13,    /* the model has no reference data */
  TSNE_E_INTERNAL = -99    /* a defect in the library: please report it */
};

/*
 * Text of the calling thread's last error; "" if there was none. Valid until
 * the thread's next call. Since 0.1.
 */
TSNE_API const char *tsne_last_error(void);

/* What a piece of a line of text is. Since 0.4. */
enum tsne_part_kind {
  TSNE_PART_TEXT = 0,
  TSNE_PART_NAME = 1, /* of an option, argument or function of this header */
  TSNE_PART_ROW = 2,
  TSNE_PART_COLUMN = 3,
  TSNE_PART_VALUE = 4 /* a value of the caller's, as C writes it */
};

/* A piece of a line of text; the texts of all are the line. Since 0.4. */
typedef struct tsne_part {
  const char *text;
  int64_t index; /* of a row or column, from 0; -1 of all else */
  int32_t kind;  /* enum tsne_part_kind */
  int32_t reserved;
} tsne_part;

/*
 * An error, as tsne_last_error_detail tells of it: a host that has other names
 * for the options, counts rows from 1 or knows their names puts the parts of
 * its line together in its own words. Start from TSNE_ERROR_INIT. Fields are
 * only ever appended. Since 0.4.
 */
typedef struct tsne_error {
  size_t struct_size;     /* sizeof(tsne_error) */
  int32_t status;         /* enum tsne_status; TSNE_OK if there was no error */
  int32_t n_parts;
  int64_t row;            /* of the first value at fault, from 0; -1: none */
  int64_t column;         /* its column; -1: none */
  const char *text;       /* what tsne_last_error gives */
  const tsne_part *parts; /* n_parts of them */
  char argument[64];      /* the option or argument at fault; "": none */
} tsne_error;

#define TSNE_ERROR_INIT {sizeof(tsne_error), TSNE_OK, 0, -1, -1, "", NULL, ""}

/*
 * The calling thread's last error: what is at fault and, as data, where.
 * Pointers in it are valid until the thread's next call.
 *   e  out; its struct_size is read
 * In a tsne_log_fn this and tsne_last_error tell of the line being logged, with
 * the status TSNE_OK. Since 0.4.
 */
TSNE_API int tsne_last_error_detail(tsne_error *e);

/* Name of a status, such as "TSNE_E_SHAPE"; never NULL. Since 0.1. */
TSNE_API const char *tsne_status_name(int status);

/* == Choices == */

/* From tsne/options.toml, by scripts/options: enums. */

/* Where the points start. */
enum tsne_init {
  TSNE_INIT_PCA = 0,             /* first principal components, scaled */
  TSNE_INIT_RANDOM = 1,          /* Gaussian */
  TSNE_INIT_GIVEN = 2,           /* init_y */
  TSNE_INIT_SPECTRAL = 3,        /* eigenvectors of the affinities' graph */
  TSNE_INIT_SAMPLE = 4           /* a map of sample_size rows, the others
                                    placed on it */
};

/* A distance between rows. */
enum tsne_metric {
  TSNE_METRIC_DEFAULT = 0,       /* of a fit Euclidean, of a transform the
                                    model's */
  TSNE_METRIC_EUCLIDEAN = 1,     /* square root of the sum of squared
                                    differences */
  TSNE_METRIC_COSINE = 2,        /* 1 - cosine of the angle */
  TSNE_METRIC_CORRELATION = 3,   /* 1 - Pearson correlation */
  TSNE_METRIC_MANHATTAN = 4,     /* sum of absolute differences */
  TSNE_METRIC_CHEBYSHEV = 5,     /* largest absolute difference */
  TSNE_METRIC_HAMMING = 6        /* share of columns that differ */
};

/* How a neighbour graph becomes affinities. */
enum tsne_affinity {
  TSNE_AFFINITY_PERPLEXITY = 0,  /* Gaussians of the given perplexity; of
                                    several, the mean of their p_j|i */
  TSNE_AFFINITY_MULTISCALE = 1,  /* several perplexities: one p_j|i from the
                                    sum of their Gaussians */
  TSNE_AFFINITY_UNIFORM = 2,     /* the same for each neighbour */
  TSNE_AFFINITY_FIXED_SIGMA = 3, /* Gaussians of one bandwidth, sigma */
  TSNE_AFFINITY_UNIFORM_MAX = 4  /* the same for each pair of which either is
                                    a neighbour of the other; for new points
                                    as uniform */
};

/* Where new points start on a finished map. */
enum tsne_placement {
  TSNE_PLACE_MEDIAN = 0,         /* of the map's coordinates of the k nearest */
  TSNE_PLACE_WEIGHTED = 1,       /* their mean, weighted by the affinities to
                                    them */
  TSNE_PLACE_GIVEN = 2           /* init_y */
};

/* How neighbours are found. */
enum tsne_neighbors_method {
  TSNE_NEIGHBORS_AUTO = 0,       /* the faster of the two for this n and d */
  TSNE_NEIGHBORS_EXACT = 1,      /* all pairs */
  TSNE_NEIGHBORS_APPROX = 2      /* inverted lists, recall about 0.99 */
};

/* What of the reference positions a pull keeps to. */
enum tsne_pull_frame {
  TSNE_PULL_SCALED = 0,          /* their arrangement, as large as the map
                                    and about its centre */
  TSNE_PULL_SIMILAR = 1,         /* the same, turned or mirrored as fits the
                                    map best */
  TSNE_PULL_FIXED = 2,           /* the positions themselves; the map is not
                                    centred */
  TSNE_PULL_GROWN = 3            /* the same, or enlarged about their mean
                                    where that fits better; what is pulled is
                                    the mean of a neighbourhood */
};

/* How the sum over all pairs of points is evaluated. */
enum tsne_repulsion {
  TSNE_REPULSION_AUTO = 0,       /* by n and dims, and in a fit of few points
                                    by how far they have spread */
  TSNE_REPULSION_EXACT = 1,      /* all pairs: the oracle, and quickest for
                                    small n */
  TSNE_REPULSION_BARNES_HUT = 2, /* a tree, angle theta */
  TSNE_REPULSION_FFT = 3         /* interpolation on a grid; 1 and 2 columns */
};

/* End of enums. */

/* Added up; 0: rotation, reflection and translation. */
enum tsne_procrustes_flags {
  TSNE_PROCRUSTES_SCALE = 1,         /* also one factor for all axes */
  TSNE_PROCRUSTES_NO_REFLECTION = 2, /* rotation alone */
  TSNE_PROCRUSTES_TO_FIRST = 4 /* of several maps: onto the first, not onto
                                  their consensus */
};

/* How a matrix of doubles lies in memory. Since 0.4. */
enum tsne_order {
  TSNE_BY_ROW = 0,   /* x[i * d + j] */
  TSNE_BY_COLUMN = 1 /* x[j * n + i], as R and Fortran have it */
};

enum tsne_stage {
  TSNE_STAGE_NEIGHBORS = 0,
  TSNE_STAGE_AFFINITIES = 1,
  TSNE_STAGE_INIT = 2,
  TSNE_STAGE_OPTIMIZE = 3
};

enum tsne_log_level { TSNE_LOG_INFO = 0, TSNE_LOG_WARNING = 1 };

/* == Hooks == */

/* What a progress callback is told. Pointers are valid during the call. */
typedef struct tsne_progress {
  int32_t stage;      /* enum tsne_stage */
  int32_t dims;
  int64_t n;
  int64_t iteration;  /* iterations done since the embedding began */
  int64_t iterations; /* iterations planned, those done included */
  double done;        /* of this stage, 0 to 1 */
  double kl;          /* KL divergence before this iteration's step, without
                         exaggeration; NaN outside TSNE_STAGE_OPTIMIZE */
  double exaggeration;
  const float *y;     /* n x dims, or NULL outside TSNE_STAGE_OPTIMIZE */
} tsne_progress;

/*
 * Runs on the thread that made the call. Non-zero stops it: the call returns
 * TSNE_E_CANCELLED. It must return normally (no longjmp, no exception) and
 * must not use the handles of the call it reports on: that is refused with
 * TSNE_E_HANDLE. Another thread may meanwhile read where those stand
 * (tsne_..._info, _embedding, _affinities); for all else it waits for the call,
 * so the callback must not wait for it.
 */
typedef int (*tsne_progress_fn)(const tsne_progress *progress, void *user);

/* One whole line of text without its newline; runs on the calling thread. */
typedef void (*tsne_log_fn)(int level, const char *line, void *user);

/* == Options == */

/* From tsne/options.toml, by scripts/options: options. */

/*
 * What a fit can be told. Start from TSNE_OPTIONS_INIT or tsne_options_init():
 * both give the paper's recipe. Fields are only ever appended; struct_size
 * tells which the caller knows of, and the others have their defaults.
 */
typedef struct tsne_options {
  size_t struct_size;            /* sizeof(tsne_options) */
  uint64_t seed;                 /* seed of the random start, the jitter of
                                    equal rows and the approximate search */
  const double *perplexities;    /* several at once, combined as affinity
                                    says */
  int64_t n_perplexities;        /* 0: the one in perplexity */
  double perplexity;             /* 30 (above 0): effective number of
                                    neighbours of a point; above (n - 1) / 3
                                    it is lowered to that, with a warning */
  const float *init_y;           /* n x dims start for TSNE_INIT_GIVEN, used
                                    as it is */
  int64_t early_iterations;      /* iterations of the first phase (0 to 2^31
                                    - 1); -1: 250, or 150 by the schedule of
                                    10,000 points and more */
  int64_t iterations;            /* iterations of the second phase (0 to 2^31
                                    - 1); -1: 500, or 350 by the schedule of
                                    10,000 points and more */
  double early_exaggeration;     /* 12 (above 0): factor on the attraction in
                                    the first phase */
  double exaggeration;           /* 1 (above 0): factor on the attraction in
                                    the second phase */
  double learning_rate;          /* step size (above 0); 0: n / exaggeration
                                    of the phase */
  double early_momentum;         /* momentum of the first phase (0 to below
                                    1); -1: 0.5, or 0.8 by the schedule of
                                    10,000 points and more */
  double momentum;               /* momentum of the second phase (0 to below
                                    1); -1: 0.8, or 0.95 by the schedule of
                                    10,000 points and more */
  double max_step_norm;          /* 5 (above 0): longest step of a point in
                                    one iteration, in units of the map; 0: no
                                    limit */
  double theta;                  /* 0.5 (above 0, at most 2): angle of
                                    Barnes-Hut; less is more accurate and
                                    slower */
  double neighbors_effort;       /* 1 (above 0, at most 1000): of the
                                    approximate search; more is better and
                                    slower */
  uint64_t max_memory;           /* bytes that the estimate may reach; 0:
                                    what machine and limits leave */
  const int32_t *cancel;         /* polled at least every 50 ms; non-zero
                                    stops the call; may be NULL */
  tsne_progress_fn progress;     /* may be NULL */
  void *progress_user;           /* given to progress */
  int64_t progress_every;        /* 50 (1 or more): iterations between two
                                    calls of progress */
  tsne_log_fn log;               /* may be NULL */
  void *log_user;                /* given to log */
  int32_t dims;                  /* 2 (1, 2 or 3): columns of the map */
  int32_t threads;               /* threads; the map is the same on any
                                    number (1 or more); 0: all processors */
  int32_t init;                  /* enum tsne_init: where the points start */
  int32_t neighbors;             /* enum tsne_neighbors_method: how
                                    neighbours are found */
  int32_t repulsion;             /* enum tsne_repulsion: how the repulsion is
                                    summed */
  int32_t reserved;              /* 0 */
  /* Since 0.2. */
  double dof;                    /* 1 (0.01 to 10000): degrees of freedom of
                                    the map's kernel; below 1 its tails are
                                    heavier and clusters part further */
  double max_grad_norm;          /* longest gradient of a point (above 0); 0:
                                    no limit */
  double sigma;                  /* bandwidth of TSNE_AFFINITY_FIXED_SIGMA,
                                    in the unit of the distances (above 0);
                                    0: none */
  double auto_stop;              /* a phase ends once the KL divergence falls
                                    by less than KL / auto_stop an iteration;
                                    opt-SNE has 5000 (above 0); 0: never */
  double density_lambda;         /* 0 (0 or more): weight of density
                                    preservation; den-SNE has 0.1 */
  double density_fraction;       /* 0.3 (above 0, at most 1): last share of
                                    the iterations that preserves density */
  double density_shift;          /* 0.1 (above 0): added to the variance of
                                    the log radii */
  int64_t k;                     /* neighbours of a point (1 or more); 0:
                                    three a unit of the largest perplexity */
  int64_t sample_size;           /* 25000 (4 or more): rows of
                                    TSNE_INIT_SAMPLE */
  int64_t anneal_iterations;     /* 0 (0 or more): iterations of the second
                                    phase over which the exaggeration goes
                                    linearly from early to late */
  int32_t metric;                /* enum tsne_metric: distance between rows */
  int32_t affinity;              /* enum tsne_affinity: how neighbours become
                                    affinities */
  int32_t keep_data;             /* 1: whether the model copies the data, so
                                    that it can place new points and be saved
                                    whole */
  int32_t reserved2;             /* 0 */
  /* Since 0.4. */
  double pull;                   /* 0 (0 or more): weight of the mean squared
                                    distance to reference positions, beside a
                                    KL divergence of weight 1; exaggerated as
                                    the attraction is */
  const float *pull_y;           /* n x dims reference positions; none: the
                                    start */
  const float *pull_weights;     /* n factors of pull, one a point: 0 leaves
                                    it free, infinity pins it to its
                                    position, with TSNE_PULL_FIXED; none: 1 */
  int32_t pull_frame;            /* enum tsne_pull_frame: what of the
                                    reference positions a pull keeps to */
  int32_t reserved3;             /* 0 */
  const char *checkpoint;        /* file on which a fit that is stopped or
                                    killed goes on when it is called again;
                                    NULL: none */
  int64_t checkpoint_every;      /* 50 (1 or more): iterations between two
                                    writings of checkpoint */
  int64_t momentum_iterations;   /* 0 (0 to 2^31 - 1): iterations of the
                                    second phase over which the momentum goes
                                    linearly from early to late */
  const char *scratch;           /* directory that may have a copy of the
                                    data while the neighbours of many rows
                                    are searched (large-data.md); NULL: none */
} tsne_options;

#define TSNE_OPTIONS_INIT                                                     \
  {                                                                           \
    sizeof(tsne_options), 0, NULL, 0, 30.0, NULL, -1, -1, 12.0, 1.0,          \
        0.0, -1.0, -1.0, 5.0, 0.5, 1.0, 0, NULL, NULL, NULL, 50, NULL,        \
        NULL, 2, 0, TSNE_INIT_PCA, TSNE_NEIGHBORS_AUTO,                       \
        TSNE_REPULSION_AUTO, 0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.3, 0.1, 0,         \
        25000, 0, TSNE_METRIC_DEFAULT, TSNE_AFFINITY_PERPLEXITY, 1, 0,        \
        0.0, NULL, NULL, TSNE_PULL_SCALED, 0, NULL, 50, 0, NULL               \
  }

/* End of options. */

/* From tsne/options.toml, by scripts/options: transform options. */

/*
 * How new points are placed on a finished map, and refined there. Start from
 * TSNE_TRANSFORM_OPTIONS_INIT or tsne_transform_options_init(): both give the
 * paper's placement, the median of 10, without refinement; the settings of the
 * refinement are openTSNE's. Fields are only ever appended. Since 0.2.
 */
typedef struct tsne_transform_options {
  size_t struct_size;            /* sizeof(tsne_transform_options) */
  uint64_t seed;                 /* seed of the approximate search and of the
                                    bootstrap's resamples */
  const float *init_y;           /* m x dims start for TSNE_PLACE_GIVEN */
  const int32_t *columns;        /* column j of the new data is column
                                    columns[j] of the reference; none: all,
                                    in order */
  int64_t n_columns;             /* the new data's columns; 0 without columns */
  int64_t k;                     /* nearest reference points that place a new
                                    one (1 or more); 0: 10, or all of a
                                    smaller reference */
  int64_t early_iterations;      /* 0 (0 to 2^31 - 1): iterations of the
                                    first phase */
  int64_t iterations;            /* 0 (0 to 2^31 - 1): iterations of the
                                    second phase */
  double perplexity;             /* 5 (above 0): of a new point's affinities
                                    to reference points; above a third of
                                    those it is lowered to that, with a
                                    warning */
  double early_exaggeration;     /* 4 (above 0): factor on the attraction in
                                    the first phase */
  double exaggeration;           /* 1.5 (above 0): factor on the attraction
                                    in the second phase */
  double learning_rate;          /* 0.1 (above 0): step size; 0: the default */
  double early_momentum;         /* 0.8 (0 to below 1): momentum of the first
                                    phase */
  double momentum;               /* 0.8 (0 to below 1): momentum of the
                                    second phase */
  double max_grad_norm;          /* 0.25 (above 0): longest gradient of a
                                    point; 0: no limit */
  double max_step_norm;          /* longest step of a point in one iteration,
                                    in units of the map (above 0); 0: no
                                    limit */
  double theta;                  /* 0.5 (above 0, at most 2): angle of
                                    Barnes-Hut; less is more accurate and
                                    slower */
  double neighbors_effort;       /* 1 (above 0, at most 1000): of the
                                    approximate search; more is better and
                                    slower */
  uint64_t max_memory;           /* bytes that the estimate may reach; 0:
                                    what machine and limits leave */
  const int32_t *cancel;         /* polled at least every 50 ms; non-zero
                                    stops the call; may be NULL */
  tsne_progress_fn progress;     /* may be NULL */
  void *progress_user;           /* given to progress */
  int64_t progress_every;        /* 50 (1 or more): iterations between two
                                    calls of progress */
  tsne_log_fn log;               /* may be NULL */
  void *log_user;                /* given to log */
  int32_t threads;               /* threads; the map is the same on any
                                    number (1 or more); 0: all processors */
  int32_t placement;             /* enum tsne_placement: where new points
                                    start */
  int32_t metric;                /* enum tsne_metric: distance between rows;
                                    by default the model's */
  int32_t neighbors;             /* enum tsne_neighbors_method: how
                                    neighbours are found */
  int32_t repulsion;             /* enum tsne_repulsion: how the repulsion of
                                    the reference is summed */
  int32_t reserved;              /* 0 */
  /* Since 0.3. */
  const double *perplexities;    /* several at once, combined as affinity
                                    says */
  int64_t n_perplexities;        /* 0: the one in perplexity */
  double sigma;                  /* bandwidth of TSNE_AFFINITY_FIXED_SIGMA,
                                    in the unit of the distances (above 0);
                                    0: none */
  int64_t affinity_k;            /* nearest reference points that draw one (1
                                    or more); 0: three a unit of the largest
                                    perplexity */
  int32_t affinity;              /* enum tsne_affinity: what draws a new
                                    point to reference points */
  int32_t reserved2;             /* 0 */
} tsne_transform_options;

#define TSNE_TRANSFORM_OPTIONS_INIT                                           \
  {                                                                           \
    sizeof(tsne_transform_options), 0, NULL, NULL, 0, 0, 0, 0, 5.0, 4.0,      \
        1.5, 0.1, 0.8, 0.8, 0.25, 0.0, 0.5, 1.0, 0, NULL, NULL, NULL,         \
        50, NULL, NULL, 0, TSNE_PLACE_MEDIAN, TSNE_METRIC_DEFAULT,            \
        TSNE_NEIGHBORS_AUTO, TSNE_REPULSION_AUTO, 0, NULL, 0, 0.0, 0,         \
        TSNE_AFFINITY_PERPLEXITY, 0                                           \
  }

/* End of transform options. */

/*
 * Writes the defaults into a struct of size bytes, as what calls symbols by
 * their names does; in C tsne_options_init is meant. TSNE_E_NULL if o is NULL.
 * TSNE_E_STRUCT_SIZE if no release up to this library's had that size: then
 * struct_size alone is written, so that every function refuses the struct.
 * Since 0.4.
 */
TSNE_API int tsne_options_init_sized(tsne_options *o, size_t size);

/* The same for new points. Since 0.4. */
TSNE_API int tsne_transform_options_init_sized(tsne_transform_options *o,
                                               size_t size);

/*
 * Writes the defaults. TSNE_E_NULL if o is NULL. Since 0.1.
 * Programs built with the headers of 0.1, 0.2 and 0.3 call exported symbols of
 * the names of this and the other two init functions, which are not told how
 * long the struct is. On Linux they tell a program of 0.2 or 0.3 by the
 * functions that it is linked with, and write what it knows of. Otherwise (a
 * program that calls nothing newer, or takes the symbol by its name, or shares
 * its process with one of 0.1) they write what the struct was in its first
 * release. A later field that such a program sets is not read: each use says so
 * to `log`, and functions since 0.2 that read later fields of tsne_options
 * refuse it (TSNE_E_STRUCT_SIZE). Built again, or started from the INIT macros,
 * it loses nothing.
 */
static inline int tsne_options_init(tsne_options *o) {
  return tsne_options_init_sized(o, sizeof(tsne_options));
}

/*
 * Writes into o what goes by that name in every host ("atlas": docs/options.md
 * says what it sets) and leaves the other fields: what is set afterwards wins.
 * TSNE_E_NULL if o or name is NULL; TSNE_E_OPTION, naming the presets there
 * are, if name is none of them. An error changes nothing. Since 0.4.
 */
TSNE_API int tsne_options_preset(tsne_options *o, const char *name);

/*
 * Writes into o, in the place of what is -1 there, what a fit of n points takes
 * for its phases: docs/options.md, "The schedule", says when that is what.
 * n = 0: the defaults, which maps that are aligned or made together, and the
 * sample's of TSNE_INIT_SAMPLE, have of any size. TSNE_E_NULL if o is NULL;
 * TSNE_E_SHAPE if n is negative; TSNE_E_OPTION. An error changes nothing.
 * Since 0.5.
 */
TSNE_API int tsne_options_settle(tsne_options *o, int64_t n);

/* Writes the defaults. TSNE_E_NULL if o is NULL. Since 0.2. */
static inline int tsne_transform_options_init(tsne_transform_options *o) {
  return tsne_transform_options_init_sized(o, sizeof(tsne_transform_options));
}

/* == Handles == */

/* Affinities P: symmetric, sum to 1. */
typedef struct tsne_affinities tsne_affinities;

/* An embedding being optimised, with its affinities and, perhaps, its data. */
typedef struct tsne_model tsne_model;

/* New points over a frozen embedding. */
typedef struct tsne_partial tsne_partial;

/* == Fit == */

/*
 * The whole job: neighbours, affinities, initialisation, two phases.
 *   y      out, n x dims
 *   model  out, may be NULL: the embedding with its affinities, the
 *          optimiser's state and, as o->keep_data says, a copy of x; free
 *          with tsne_model_free
 *   x      n x d
 *   o      NULL for the defaults
 * When cancelled while optimising, y and model hold the embedding so far.
 * Since 0.1.
 */
TSNE_API int tsne_fit(float *y, tsne_model **model, const float *x, int64_t n,
                      int64_t d, const tsne_options *o);

/*
 * tsne_fit of doubles. It makes floats of x, 4 n d bytes beyond what
 * tsne_estimate_memory says, which the model keeps as its data if o->keep_data
 * says so, without another copy.
 *   order  enum tsne_order
 * Since 0.4.
 */
TSNE_API int tsne_fit_f64(float *y, tsne_model **model, const double *x,
                          int64_t n, int64_t d, int order,
                          const tsne_options *o);

/*
 * tsne_fit for affinities at hand, of data, a graph or a matrix: a start and two
 * phases. With the p that tsne_affinities_from_data makes of x it has the bits
 * of tsne_fit with the same options.
 *   y, model  out, as in tsne_fit
 *   p         borrowed for the call
 *   x         n x d, n that of p: the data, for the starts PCA and SAMPLE and for
 *             the model to keep. NULL: none, neither n nor d is read, and
 *             o->init is another start
 *   o         NULL for the defaults; perplexities, affinity, k, sigma and metric
 *             are what the model knows of how p was made
 * density_lambda takes a p made of data, of neighbours or of distances; those of
 * tsne_affinities_from_csr, and of a model fitted to data without it, have no
 * local radii: TSNE_E_OPTION. Since 0.4.
 */
TSNE_API int tsne_fit_affinities(float *y, tsne_model **model,
                                 const tsne_affinities *p, const float *x,
                                 int64_t n, int64_t d, const tsne_options *o);

/* tsne_fit_affinities of doubles, which it makes floats of as tsne_fit_f64
 * does; order is an enum tsne_order. Since 0.4. */
TSNE_API int tsne_fit_affinities_f64(float *y, tsne_model **model,
                                     const tsne_affinities *p, const double *x,
                                     int64_t n, int64_t d, int order,
                                     const tsne_options *o);

/* Estimated peak bytes of tsne_fit beyond x and y. Since 0.1. */
TSNE_API int tsne_estimate_memory(uint64_t *bytes, int64_t n, int64_t d,
                                  const tsne_options *o);

/*
 * Bytes that this process can still take, as far as the machine, its control
 * groups and its resource limits say: what max_memory is when it is 0.
 * UINT64_MAX where nothing says. Since 0.4.
 */
TSNE_API int tsne_available_memory(uint64_t *bytes);

/* == Starts == */

/* The initial embedding that the options ask for; y is n x dims. Since 0.1. */
TSNE_API int tsne_initialize(float *y, const float *x, int64_t n, int64_t d,
                             const tsne_options *o);

/* tsne_initialize of doubles; order is an enum tsne_order. Since 0.4. */
TSNE_API int tsne_initialize_f64(float *y, const double *x, int64_t n,
                                 int64_t d, int order, const tsne_options *o);

/*
 * The start of TSNE_INIT_SPECTRAL for affinities at hand: y is n x o->dims, the
 * first eigenvectors after the constant one of the normalised graph, scaled
 * as the other starts are. With o->init TSNE_INIT_SPECTRAL it has the jitter
 * that a fit adds; else it is bare. Since 0.2.
 */
TSNE_API int tsne_spectral(float *y, const tsne_affinities *p,
                           const tsne_options *o);

/*
 * Scores of the first k principal components. Since 0.2.
 *   out  n x k
 *   x    n x d
 *   k    1 to min(n, d)
 * Of o only threads, max_memory and the hooks are read.
 */
TSNE_API int tsne_reduce(float *out, const float *x, int64_t n, int64_t d,
                         int64_t k, const tsne_options *o);

/* tsne_reduce of doubles; order is an enum tsne_order. Since 0.4. */
TSNE_API int tsne_reduce_f64(float *out, const double *x, int64_t n, int64_t d,
                             int order, int64_t k, const tsne_options *o);

/*
 * Scores of the first k singular vectors of a sparse matrix, which is not
 * centred (truncated SVD). Since 0.2.
 *   out            n x k
 *   ptr, col, val  n + 1, ptr[n], ptr[n]: n x d in CSR form; entries of a row
 *                  in any order, repeated ones are added
 *   k              1 to min(n, d)
 * Of o only threads, max_memory and the hooks are read.
 */
TSNE_API int tsne_reduce_csr(float *out, const int64_t *ptr,
                             const int32_t *col, const float *val, int64_t n,
                             int64_t d, int64_t k, const tsne_options *o);

/* == Neighbours == */

/*
 * The k nearest rows of each row, itself excluded, nearest first.
 *   index     out, n x k
 *   distance  out, n x k, by o->metric; rounded to float, so that affinities
 *             made of them may differ in the last bits from those of the data
 * Since 0.1.
 */
TSNE_API int tsne_neighbors(int32_t *index, float *distance, const float *x,
                            int64_t n, int64_t d, int64_t k,
                            const tsne_options *o);

/* tsne_neighbors of doubles; order is an enum tsne_order. Since 0.4. */
TSNE_API int tsne_neighbors_f64(int32_t *index, float *distance,
                                const double *x, int64_t n, int64_t d,
                                int order, int64_t k, const tsne_options *o);

/*
 * tsne_neighbors, and p_j|i, for a part of the rows: those at places first to
 * last - 1 of the order in which the search goes through them, near ones
 * together. Parts of the places 0 to n - 1, found by as many calls on as many
 * machines, have each row once, with the bits of tsne_neighbors. Each call
 * prepares a search of all of x. Since 0.4.
 *   rows      out, last - first: row i of the others is of row rows[i] of x
 *   index     out, last - first x k
 *   distance  out, last - first x k; NULL: not wanted
 *   p         out, last - first x k, as tsne_conditional's but of the unrounded
 *             distances, for tsne_affinities_from_conditional; NULL: not wanted
 *   k         1 to n - 1
 *   first     0 to n;  last  first to n
 * rows and index may be NULL when first is last. Of o what tsne_neighbors and,
 * with p, tsne_conditional read.
 */
TSNE_API int tsne_neighbors_part(int32_t *rows, int32_t *index, float *distance,
                                 float *p, const float *x, int64_t n, int64_t d,
                                 int64_t k, int64_t first, int64_t last,
                                 const tsne_options *o);

/* tsne_neighbors_part of doubles; order is an enum tsne_order. Since 0.4. */
TSNE_API int tsne_neighbors_part_f64(int32_t *rows, int32_t *index,
                                     float *distance, float *p, const double *x,
                                     int64_t n, int64_t d, int order, int64_t k,
                                     int64_t first, int64_t last,
                                     const tsne_options *o);

/*
 * The k smallest of each row of a matrix of distances, nearest first; the
 * diagonal is not read. Since 0.2.
 *   index     out, n x k
 *   distance  out, n x k
 *   dist      n x n, 0 or more; it need not be symmetric
 */
TSNE_API int tsne_neighbors_of_distances(int32_t *index, float *distance,
                                         const float *dist, int64_t n,
                                         int64_t k, const tsne_options *o);

/*
 * For each row of q the k nearest rows of x, nearest first; one that equals it
 * counts. Since 0.3.
 *   index     out, m x k, rows of x
 *   distance  out, m x k, by o->metric; +Inf beyond float
 *   x         n x d
 *   q         m x d
 *   m         0 or more; index, distance and q may be NULL when it is 0
 *   k         1 to n
 * Of o metric, neighbors, neighbors_effort, seed, threads, max_memory and the
 * hooks are read.
 */
TSNE_API int tsne_neighbors_of_new(int32_t *index, float *distance,
                                   const float *x, int64_t n, int64_t d,
                                   const float *q, int64_t m, int64_t k,
                                   const tsne_options *o);

/* tsne_neighbors_of_new of doubles; order, an enum tsne_order, is that of x and
 * of q. Since 0.4. */
TSNE_API int tsne_neighbors_of_new_f64(int32_t *index, float *distance,
                                       const double *x, int64_t n, int64_t d,
                                       const double *q, int64_t m, int order,
                                       int64_t k, const tsne_options *o);

/*
 * tsne_neighbors_of_new of sparse rows, as of genes, which are not made dense.
 * Distances are those of a loop over two rows in double precision. Since 0.4.
 *   ptr, col, val        n + 1, ptr[n], ptr[n]: x, n x d in CSR form as
 *                        tsne_reduce_csr takes it; n is 1 or more
 *   q_ptr, q_col, q_val  m + 1, q_ptr[m], q_ptr[m]: q, m x d likewise
 *   m                    0 or more; index, distance and q may be NULL when it
 *                        is 0
 * Of o metric (Euclidean, cosine or correlation), threads, max_memory and the
 * hooks are read.
 */
TSNE_API int tsne_neighbors_of_new_csr(int32_t *index, float *distance,
                                       const int64_t *ptr, const int32_t *col,
                                       const float *val, int64_t n, int64_t d,
                                       const int64_t *q_ptr,
                                       const int32_t *q_col,
                                       const float *q_val, int64_t m, int64_t k,
                                       const tsne_options *o);

/* == Affinities == */

/* Affinities of data: neighbours (o->k, or 3 * perplexity of them) and what
 * o->affinity asks for. Since 0.1. */
TSNE_API int tsne_affinities_from_data(tsne_affinities **p, const float *x,
                                       int64_t n, int64_t d,
                                       const tsne_options *o);

/* tsne_affinities_from_data of doubles; order is an enum tsne_order. Since
 * 0.4. */
TSNE_API int tsne_affinities_from_data_f64(tsne_affinities **p,
                                           const double *x, int64_t n,
                                           int64_t d, int order,
                                           const tsne_options *o);

/*
 * tsne_affinities_from_data for each of several lists of perplexities, over one
 * search, for the largest: where that is exact, with the bits of as many calls.
 * Memory is held against what a fit of each takes too, one after the other,
 * while all of p are there. Since 0.4.
 *   p             out, count handles, each to be freed; NULLs after an error
 *   perplexities  all lists, one after the other, instead of o's
 *   lengths       count, how many each list has (1 or more)
 *   count         1 to 1000, as the sum of lengths
 */
TSNE_API int tsne_affinities_of_each(tsne_affinities **p, const float *x,
                                     int64_t n, int64_t d,
                                     const double *perplexities,
                                     const int64_t *lengths, int64_t count,
                                     const tsne_options *o);

/* tsne_affinities_of_each of doubles; order is an enum tsne_order. Since
 * 0.4. */
TSNE_API int tsne_affinities_of_each_f64(tsne_affinities **p, const double *x,
                                         int64_t n, int64_t d, int order,
                                         const double *perplexities,
                                         const int64_t *lengths, int64_t count,
                                         const tsne_options *o);

/* Affinities of a neighbour graph as tsne_neighbors gives it. Since 0.1. */
TSNE_API int tsne_affinities_from_neighbors(tsne_affinities **p,
                                            const int32_t *index,
                                            const float *distance, int64_t n,
                                            int64_t k, const tsne_options *o);

/*
 * Affinities (P + P') / 2n of the neighbours of n points and their p_j|i, as
 * tsne_neighbors_part gives them: the bits of tsne_affinities_from_data.
 * Without what density_lambda needs. Since 0.4.
 *   index  n x k
 *   p      n x k, 0 or more; each row sums to 1
 *   k      1 to n - 1
 * Of o affinity, threads, max_memory and the hooks are read.
 */
TSNE_API int tsne_affinities_from_conditional(tsne_affinities **a,
                                              const int32_t *index,
                                              const float *p, int64_t n,
                                              int64_t k, const tsne_options *o);

/* Affinities of a matrix of distances, as of data; dist is n x n as in
 * tsne_neighbors_of_distances. Since 0.2. */
TSNE_API int tsne_affinities_from_distances(tsne_affinities **p,
                                            const float *dist, int64_t n,
                                            const tsne_options *o);

/*
 * Affinities given as a symmetric sparse matrix in CSR form, copied. Values
 * are scaled to sum to 1. Since 0.1.
 *   ptr  n + 1;  col, val  ptr[n]
 */
TSNE_API int tsne_affinities_from_csr(tsne_affinities **p, const int64_t *ptr,
                                      const int32_t *col, const float *val,
                                      int64_t n);

/*
 * What rows of distances make of the points they are to: p_j|i by o->affinity,
 * each row of which sums to 1. Since 0.3.
 *   p         out, m x k
 *   distance  m x k, 0 or more, in any order
 *   m         0 or more; p and distance may be NULL when it is 0
 *   k         1 or more
 * Of o affinity, the perplexities, sigma, threads, max_memory and the hooks are
 * read. A perplexity above k is lowered to k, with a warning to `log`: all
 * alike.
 */
TSNE_API int tsne_conditional(float *p, const float *distance, int64_t m,
                              int64_t k, const tsne_options *o);

/* Number of points and of stored values; either may be NULL. Since 0.1. */
TSNE_API int tsne_affinities_size(int64_t *n, int64_t *nnz,
                                  const tsne_affinities *p);

/* Copies P out: ptr has n + 1, col and val nnz entries. Since 0.1. */
TSNE_API int tsne_affinities_copy(int64_t *ptr, int32_t *col, float *val,
                                  const tsne_affinities *p);

/*
 * KL divergence and its gradient at y by the chosen repulsion, without
 * exaggeration; gradient includes the factor 4 of van der Maaten & Hinton
 * (2008), eq. 5. gradient (n x dims) and kl may be NULL. Since 0.4.
 */
TSNE_API int tsne_affinities_gradient(float *gradient, double *kl,
                                      const tsne_affinities *p, const float *y,
                                      const tsne_options *o);

TSNE_API void tsne_affinities_free(tsne_affinities *p);

/* == Model == */

/*
 * An embedding at y0 (n x dims, borrowed for the call), ready to be
 * optimised against p. p is shared: it may be freed at any time. Since 0.4.
 */
TSNE_API int tsne_model_from_affinities(tsne_model **model,
                                        const tsne_affinities *p,
                                        const float *y0, const tsne_options *o);

/*
 * Some iterations more, from where the embedding stands, with the momentum
 * and gains it has. Since 0.1.
 *   y              out, n x dims, may be NULL
 *   kl             out, may be NULL: KL divergence after the last step
 *   exaggeration   of this phase; > 0
 *   learning_rate  0: n / exaggeration
 *   momentum       0 to below 1
 * Of o only threads, cancel, progress and log are read, and theta,
 * repulsion, max_step_norm, and since 0.2 max_grad_norm, density_...,
 * auto_stop and anneal_iterations (from the exaggeration of the last phase to
 * this one's), and since 0.4 pull (0: none) and pull_frame; NULL keeps the
 * threads and forces of the last call, without auto_stop and annealing, and
 * calls nobody back. Cancelled, the model keeps the iterations it has had; after
 * any other error, as TSNE_E_OPTION where it diverges, it is as it was before
 * the call.
 */
TSNE_API int tsne_model_optimize(float *y, double *kl, tsne_model *model,
                                 int64_t iterations, double exaggeration,
                                 double learning_rate, double momentum,
                                 const tsne_options *o);

/* Where a model stands; each output may be NULL. kl is NaN before the first
 * iteration. Since 0.1. */
TSNE_API int tsne_model_info(int64_t *n, int32_t *dims, int64_t *iterations,
                             double *kl, const tsne_model *model);

/* Copies the embedding out, n x dims. Since 0.1. */
TSNE_API int tsne_model_embedding(float *y, const tsne_model *model);

/* The affinities the model is optimised against; free them. Since 0.1. */
TSNE_API int tsne_model_affinities(tsne_affinities **p,
                                   const tsne_model *model);

/*
 * The options that a model goes by and its file keeps: how its affinities were
 * made, its kernel, its forces, the phases of its fit.
 *   o  in: what TSNE_OPTIONS_INIT gives; out: the same with the model's. init_y,
 *      threads, max_memory, keep_data and the hooks are the caller's and stay;
 *      perplexities is NULL, and perplexity the first of those that
 *      tsne_model_perplexities gives
 * Since 0.4.
 */
TSNE_API int tsne_model_options(tsne_options *o, const tsne_model *model);

/*
 * The perplexities of a model's affinities.
 *   values  out, *n of them; NULL: only how many is wanted
 *   n       in: room at values, if not NULL; out: how many
 *   asked   1: as they were asked for; 0: as they were lowered to what the
 *           number of points can carry
 * TSNE_E_SHAPE if there is too little room. Since 0.4.
 */
TSNE_API int tsne_model_perplexities(double *values, int64_t *n,
                                     const tsne_model *model, int asked);

/* An independent copy, optimiser state included. Since 0.1. */
TSNE_API int tsne_model_clone(tsne_model **copy, const tsne_model *model);

TSNE_API void tsne_model_free(tsne_model *model);

/* == Data == */

/*
 * Gives the model the data that its points stand for, which placing new points
 * and saving it whole take; x is n x d and n that of the model.
 *   copy  1: x is copied; 0: x is borrowed and must not change until the model
 *         and its clones are freed or have other data
 * Since 0.2.
 */
TSNE_API int tsne_model_set_data(tsne_model *model, const float *x, int64_t n,
                                 int64_t d, int copy);

/* tsne_model_set_data of doubles, of which the model makes floats; order is an
 * enum tsne_order. Since 0.4. */
TSNE_API int tsne_model_set_data_f64(tsne_model *model, const double *x,
                                     int64_t n, int64_t d, int order);

/*
 * Gives the model the data of another of as many points, and the names of their
 * columns, without a copy: if they are borrowed, until both are freed.
 * TSNE_E_NO_DATA if that has none. Since 0.4.
 */
TSNE_API int tsne_model_share_data(tsne_model *model, const tsne_model *from);

/*
 * The model's data; TSNE_E_NO_DATA without any. Each output may be NULL.
 *   x       out, n x d: a copy
 *   metric  out, enum tsne_metric, by which the model was fitted
 * Since 0.2.
 */
TSNE_API int tsne_model_data(float *x, int64_t *d, int32_t *metric,
                             const tsne_model *model);

/* tsne_model_data in double precision: of data far from zero, as near to what
 * was given as a model keeps it; order is an enum tsne_order. Since 0.4. */
TSNE_API int tsne_model_data_f64(double *x, int64_t *d, int32_t *metric,
                                 const tsne_model *model, int order);

/* What was taken off each column of the model's data before they were rounded
 * to float: center is d, 0 where nothing was. TSNE_E_NO_DATA without data.
 * Since 0.4. */
TSNE_API int tsne_model_center(double *center, const tsne_model *model);

/*
 * Names the columns of the model's data, for a host to find those of new data
 * by: no function of this library compares them. They are saved with the
 * model, and go when it is given other data.
 *   names  n texts in UTF-8, or NULL: no names
 *   n      columns of the model's data
 * TSNE_E_NO_DATA if the model has none. Since 0.4.
 */
TSNE_API int tsne_model_set_names(tsne_model *model, const char *const *names,
                                  int64_t n);

/*
 * Names the model's points, for a host to tell them by: no function of this
 * library compares them. They are saved with the model, whatever data it has, and
 * tsne_zoom gives a part its own.
 *   names  n texts in UTF-8, or NULL: no names
 *   n      points of the model
 * Since 0.4.
 */
TSNE_API int tsne_model_set_row_names(tsne_model *model,
                                      const char *const *names, int64_t n);

/* The names of the points, as tsne_model_names gives those of the columns. Since
 * 0.4. */
TSNE_API int tsne_model_row_names(char *names, uint64_t *size,
                                  const tsne_model *model);

/*
 * The names of the columns, one after the other, each ended by a NUL.
 *   names  out, *size bytes; NULL: only the size is wanted
 *   size   in: room at names, if not NULL; out: bytes, 0 without names
 * TSNE_E_SHAPE if there is too little room. Since 0.4.
 */
TSNE_API int tsne_model_names(char *names, uint64_t *size,
                              const tsne_model *model);

/* == Files == */

/*
 * Writes the model as one .npz, which numpy.load opens: embedding, optimiser's
 * state, affinities, options and, if it has some, data. A file that is there
 * is replaced only by a whole new one. TSNE_E_IO if it cannot be written.
 * Since 0.2.
 */
TSNE_API int tsne_model_save(const tsne_model *model, const char *path);

/*
 * tsne_model_save that can be stopped: of o only cancel is read. Once stopped
 * it gives TSNE_E_CANCELLED, a file that was there is as it was, and nothing
 * else is left behind. Since 0.4.
 */
TSNE_API int tsne_model_save_with(const tsne_model *model, const char *path,
                                  const tsne_options *o);

/*
 * Reads what tsne_model_save wrote, on this machine or another: from there the
 * model goes on with the same bits. Of o only threads, max_memory and the hooks
 * are read. TSNE_E_IO if the file cannot be read, TSNE_E_FILE if it is
 * truncated, altered, foreign or of a newer version, TSNE_E_MEMORY if what it
 * claims to hold does not fit. Since 0.2.
 */
TSNE_API int tsne_model_load(tsne_model **model, const char *path,
                             const tsne_options *o);

/*
 * tsne_model_save into memory.
 *   bytes  out, *size bytes; NULL: only the size is wanted
 *   size   in: room at bytes, if not NULL; out: bytes of the file
 * TSNE_E_SHAPE if there is too little room. Since 0.2.
 */
TSNE_API int tsne_model_save_bytes(void *bytes, uint64_t *size,
                                   const tsne_model *model);

/* tsne_model_load from memory. Since 0.2. */
TSNE_API int tsne_model_load_bytes(tsne_model **model, const void *bytes,
                                   uint64_t size, const tsne_options *o);

/* == Transform == */

/*
 * Places new points on a finished map, and refines their positions if the
 * options have iterations. New points do not see each other: one by one, in
 * batches or at once they get the same bits. The model is not changed.
 *   y        out, m x dims; may be NULL when m is 0
 *   partial  out, may be NULL: the new points, to go on from; it keeps the
 *            map as it is now. Free with tsne_partial_free
 *   x        m x d, where d is the model's, or o->n_columns with o->columns
 *   m        0 or more
 *   o        NULL for the defaults
 * TSNE_E_NO_DATA if the model has no data. A cancelled call gives nothing: to
 * keep what is refined so far, place first and refine by
 * tsne_partial_optimize. Since 0.2.
 */
TSNE_API int tsne_transform(float *y, tsne_partial **partial,
                            const tsne_model *model, const float *x, int64_t m,
                            int64_t d, const tsne_transform_options *o);

/* tsne_transform of doubles; order is an enum tsne_order. Since 0.4. */
TSNE_API int tsne_transform_f64(float *y, tsne_partial **partial,
                                const tsne_model *model, const double *x,
                                int64_t m, int64_t d, int order,
                                const tsne_transform_options *o);

/* == Partial == */

/*
 * New points at y0, drawn by affinities to the model's points that are given in
 * CSR form: p_j|i is what draws point i to the model's point j. Rows are scaled
 * to sum to 1; one that does, but for rounding, is taken as it is. Nothing is
 * borrowed. The model needs no data. Since 0.4.
 *   partial  out, to be optimised
 *   y0       m x dims
 *   ptr      m + 1;  col, val  ptr[m]: columns of a row in any order, values 0
 *            or more and not all 0. Entries of the same row and column add up
 *   m        0 or more; y0, col and val may be NULL when it is 0
 *   o        NULL for the defaults; theta, repulsion, max_grad_norm,
 *            max_step_norm, threads, max_memory and the hooks are read, and
 *            stay those of tsne_partial_optimize without options
 * TSNE_E_GRAPH for a row that is malformed; the message names it.
 */
TSNE_API int tsne_partial_from_csr(tsne_partial **partial,
                                   const tsne_model *model, const float *y0,
                                   const int64_t *ptr, const int32_t *col,
                                   const float *val, int64_t m,
                                   const tsne_transform_options *o);

/*
 * What draws the new points: p_j|i in CSR form, copied out. Each output may be
 * NULL. Since 0.3.
 *   nnz  out: number of values
 *   ptr  out, m + 1;  col, val  out, nnz; a row of tsne_transform's is by
 *        ascending distance
 */
TSNE_API int tsne_partial_affinities(int64_t *nnz, int64_t *ptr, int32_t *col,
                                     float *val, const tsne_partial *partial);

/*
 * Some iterations more of the new points, from where they stand. Since 0.2.
 *   y              out, m x dims, may be NULL
 *   kl             out, may be NULL: as in tsne_partial_info
 *   exaggeration   of this phase; > 0
 *   learning_rate  0: 0.1
 *   momentum       0 to below 1
 * Of o only threads, cancel, progress and log are read, and theta, repulsion,
 * max_grad_norm and max_step_norm; NULL keeps those of the last call and calls
 * nobody back. After an error the points are as tsne_model_optimize leaves a
 * model.
 */
TSNE_API int tsne_partial_optimize(float *y, double *kl, tsne_partial *partial,
                                   int64_t iterations, double exaggeration,
                                   double learning_rate, double momentum,
                                   const tsne_transform_options *o);

/* Where the new points stand; each output may be NULL. kl is the mean over the
 * points of sum p log(p/q), without exaggeration; NaN before the first
 * iteration. Since 0.2. */
TSNE_API int tsne_partial_info(int64_t *m, int32_t *dims, int64_t *iterations,
                               double *kl, const tsne_partial *partial);

/* Copies the positions out, m x dims. Since 0.2. */
TSNE_API int tsne_partial_embedding(float *y, const tsne_partial *partial);

/* An independent copy, optimiser state included. Since 0.2. */
TSNE_API int tsne_partial_clone(tsne_partial **copy,
                                const tsne_partial *partial);

TSNE_API void tsne_partial_free(tsne_partial *partial);

/* == Bootstrap == */

/*
 * What the positions of new points owe to the choice of columns: they are
 * placed b times more, each time by columns drawn with replacement (the
 * paper, "Methods"). Since 0.2.
 *   y        out, m x dims: by all columns
 *   samples  out, b x m x dims, may be NULL; NaN where the columns drawn leave a
 *            row without direction, which cosine and correlation need
 *   radius   out, m, may be NULL: 95 % of the samples of a point are within it
 *            of y; NaN if no sample has a place
 *   x        m x d as in tsne_transform
 *   b        1 or more
 * Of o what refines is not read.
 */
TSNE_API int tsne_bootstrap(float *y, float *samples, float *radius,
                            const tsne_model *model, const float *x, int64_t m,
                            int64_t d, int64_t b,
                            const tsne_transform_options *o);

/* tsne_bootstrap of doubles; order is an enum tsne_order. Since 0.4. */
TSNE_API int tsne_bootstrap_f64(float *y, float *samples, float *radius,
                                const tsne_model *model, const double *x,
                                int64_t m, int64_t d, int order, int64_t b,
                                const tsne_transform_options *o);

/* == Align == */

/*
 * y -> scale * rotation * (y - from) + to, with which one map lies on
 * another. Start from TSNE_SUPERPOSITION_INIT or tsne_superposition_init().
 * Since 0.2.
 */
typedef struct tsne_superposition {
  size_t struct_size; /* sizeof(tsne_superposition) */
  double rotation[9]; /* row-major dims x dims, in the first dims * dims */
  double from[3];     /* centroid of the map that moves */
  double to[3];       /* centroid of the target */
  double scale;
  double disparity;   /* sum of squares left, as a share of the target's */
  int32_t dims;
  int32_t reflected;  /* 1 if the rotation mirrors */
} tsne_superposition;

#define TSNE_SUPERPOSITION_INIT                                               \
  {                                                                           \
    sizeof(tsne_superposition), {0.0}, {0.0}, {0.0}, 1.0, 0.0, 0, 0           \
  }

/* tsne_options_init_sized for TSNE_SUPERPOSITION_INIT. Since 0.4. */
TSNE_API int tsne_superposition_init_sized(tsne_superposition *s, size_t size);

/* Writes TSNE_SUPERPOSITION_INIT. TSNE_E_NULL if s is NULL. Since 0.2. */
static inline int tsne_superposition_init(tsne_superposition *s) {
  return tsne_superposition_init_sized(s, sizeof(tsne_superposition));
}

/*
 * A map of x that lies on a finished one: the rows of x are placed on the
 * reference by t, scaled down to the size of a start, and fitted as o asks
 * (the paper, "Methods"), each pulled to its place; a map that outgrew the
 * places is laid onto them at last, and its KL is that of before.
 *   y          out, n x dims; dims of o must be the reference's
 *   model      out, may be NULL
 *   disparity  out, may be NULL: of y against where the reference placed its
 *              points, after the best superposition
 *   overlap    out, may be NULL: share of the 10 nearest that both have
 *   reference  with data
 *   x          n x d as in tsne_transform
 *   t          how x is placed; NULL for the defaults; its threads and hooks
 *              are not read
 *   o          of the fit, and its threads and hooks for all; init, pull_y and
 *              pull_frame are not read; pull 0: 0.002
 * Cancelled as tsne_fit; disparity and overlap are not written then.
 * Since 0.2.
 */
TSNE_API int tsne_align(float *y, tsne_model **model, double *disparity,
                        double *overlap, const tsne_model *reference,
                        const float *x, int64_t n, int64_t d,
                        const tsne_transform_options *t,
                        const tsne_options *o);

/* tsne_align of doubles; order is an enum tsne_order. Since 0.4. */
TSNE_API int tsne_align_f64(float *y, tsne_model **model, double *disparity,
                            double *overlap, const tsne_model *reference,
                            const double *x, int64_t n, int64_t d, int order,
                            const tsne_transform_options *t,
                            const tsne_options *o);

/*
 * A map of a model's rows and of new ones: the former come first in it.
 *   y        out, (n + m) x dims, for the model's n rows
 *   updated  out, may be NULL: it has the data of both
 *   model    with data; it stays as it is
 *   x        m x d, m at least 1, placed by the model's metric (median of 10)
 *   hold     of the model's rows: infinity pins them, to the bit; another value
 *            above 0 is the weight of a pull to where they are, by o->pull, or
 *            0.0005 if that is 0; 0 leaves them free
 *   o        of the fit, which begins at the model's map and the places and has
 *            no early phase: early_iterations, init, pull_y, pull_weights and
 *            pull_frame are not read; dims must be the model's; checkpoint is of
 *            the fit; NULL: as the model was made, without checkpoint
 * Cancelled as tsne_fit. Since 0.4.
 */
TSNE_API int tsne_update(float *y, tsne_model **updated,
                         const tsne_model *model, const float *x, int64_t m,
                         int64_t d, double hold, const tsne_options *o);

/* tsne_update of doubles; order is an enum tsne_order. Since 0.4. */
TSNE_API int tsne_update_f64(float *y, tsne_model **updated,
                             const tsne_model *model, const double *x,
                             int64_t m, int64_t d, int order, double hold,
                             const tsne_options *o);

/*
 * Some rows of a model embedded anew, by affinities among themselves alone, and
 * laid where they lay: moved, turned, mirrored and scaled, so that half of them
 * are as near to their mean as they were.
 *   y      out, m x dims, in the order of rows
 *   whole  out, n x dims, may be NULL: the model's map with y put back
 *   part   out, may be NULL; its KL is that before it was laid
 *   model  with data; it stays as it is
 *   rows   m different rows of the model, m at least 4
 *   o      of the fit, which begins where the rows lie, scaled down: init and
 *          pull* are not read; dims must be the model's; checkpoint is of the
 *          fit; NULL: as the model was made, without checkpoint
 * Cancelled as tsne_fit. Since 0.4.
 */
TSNE_API int tsne_zoom(float *y, float *whole, tsne_model **part,
                       const tsne_model *model, const int32_t *rows, int64_t m,
                       const tsne_options *o);

/*
 * Maps of several data sets, as of time points, donors or versions, each near
 * those beside it: the first is fitted, each other begins where its rows lie on
 * the map before and is pulled to there; then, rounds times, all go on for 50
 * iterations, each pulled to the mean of those beside it; at last each is laid on
 * the one before. What goes on from a map is free.
 *   y       out, count arrays, y[i] of n[i] x dims
 *   models  out, count handles, may be NULL; their KL is that before they were
 *           laid
 *   x       count arrays, x[i] of n[i] x d[i]
 *   count   2 to 1000
 *   keys    count arrays of n[i] keys: rows of one key are one cell or subject,
 *           below 0 is none; each set shares a key with the one before. NULL:
 *           sets share columns, and a row is where the median of its 10 nearest
 *           of another set lies
 *   window  1 or more: sets before and after one that its map is pulled to
 *   rounds  0 or more; 5 is Go's, Python's and R's default
 *   o       of the fits; init_y is of the first set; pull_y, pull_weights and
 *           pull_frame are not read; pull 0: 0.0005; a checkpoint is refused,
 *           TSNE_E_OPTION: its file is of one map
 * Cancelled, there are no maps. Since 0.4.
 */
TSNE_API int tsne_fit_together(float *const *y, tsne_model **models,
                               const float *const *x, const int64_t *n,
                               const int64_t *d, int64_t count,
                               const int64_t *const *keys, int64_t window,
                               int64_t rounds, const tsne_options *o);

/* tsne_fit_together of doubles; order is an enum tsne_order. Since 0.4. */
TSNE_API int tsne_fit_together_f64(float *const *y, tsne_model **models,
                                   const double *const *x, const int64_t *n,
                                   const int64_t *d, int64_t count, int order,
                                   const int64_t *const *keys, int64_t window,
                                   int64_t rounds, const tsne_options *o);

/*
 * The superposition that brings source nearest to target, in the sum of
 * squares (orthogonal Procrustes). Since 0.2.
 *   s               out; its struct_size is read
 *   target, source  n x dims; row i of both is the same point
 *   flags           enum tsne_procrustes_flags
 */
TSNE_API int tsne_procrustes(tsne_superposition *s, const float *target,
                             const float *source, int64_t n, int32_t dims,
                             int flags);

/*
 * tsne_procrustes for maps of different points that share labels: by the means
 * of the classes that both have. A negative label is none. Since 0.2.
 *   target  n x dims;  target_labels  n
 *   source  m x dims;  source_labels  m
 */
TSNE_API int tsne_procrustes_labels(tsne_superposition *s, const float *target,
                                    const int32_t *target_labels, int64_t n,
                                    const float *source,
                                    const int32_t *source_labels, int64_t m,
                                    int32_t dims, int flags);

/*
 * Superposes several maps of the same points, onto their consensus
 * (generalised Procrustes) or onto the first. Since 0.2.
 *   maps       in and out, count x n x dims
 *   consensus  out, n x dims, may be NULL
 *   disparity  out, count, may be NULL: of each map
 *   flags      enum tsne_procrustes_flags
 */
TSNE_API int tsne_procrustes_many(float *maps, float *consensus,
                                  double *disparity, int64_t count, int64_t n,
                                  int32_t dims, int flags);

/* Moves y (n x s->dims, in and out) by the superposition. Since 0.2. */
TSNE_API int tsne_superpose(float *y, int64_t n, const tsne_superposition *s);

/* == Compare == */

/*
 * How well a map shows its data, as the paper measures it; each output may be
 * NULL. Since 0.2.
 *   knn     out: mean share of the 10 nearest in x that are among the 10
 *           nearest in y
 *   knc     out: the same of the 4 nearest class means; NaN with fewer than 2
 *           classes
 *   cpd     out: Spearman correlation of the distances among 1000 random
 *           points; NaN if those of x or of y are all equal
 *   x       n x d
 *   y       n x dims
 *   labels  n, or NULL; a negative one is none
 * Distances in y are Euclidean; those in x, between rows and between class means,
 * by metric. knc is NaN by Hamming, since a mean has no columns to compare, and
 * where a mean has no direction by cosine or correlation. Of o metric, seed,
 * neighbors, neighbors_effort, threads, max_memory and the hooks are read.
 */
TSNE_API int tsne_quality(double *knn, double *knc, double *cpd,
                          const float *x, int64_t n, int64_t d, const float *y,
                          int32_t dims, const int32_t *labels,
                          const tsne_options *o);

/* tsne_quality of doubles; order is an enum tsne_order. Since 0.4. */
TSNE_API int tsne_quality_f64(double *knn, double *knc, double *cpd,
                              const double *x, int64_t n, int64_t d, int order,
                              const float *y, int32_t dims,
                              const int32_t *labels, const tsne_options *o);

/*
 * The mean share of a point's k nearest in map a that are among its k nearest
 * in map b; both are n x dims. Of o only threads and cancel are read.
 * Since 0.2.
 */
TSNE_API int tsne_shared_neighbors(double *share, const float *a,
                                   const float *b, int64_t n, int32_t dims,
                                   int64_t k, const tsne_options *o);

/*
 * tsne_quality's knc of class means that are there, as where data lie in parts.
 * Since 0.4.
 *   share  out
 *   a      n x d, the means of n classes in the data
 *   b      n x dims, in the map; finite, as a
 * Of o only metric is read.
 */
TSNE_API int tsne_shared_classes(double *share, const double *a,
                                 const double *b, int64_t n, int64_t d,
                                 int32_t dims, const tsne_options *o);

/* == Trust == */

/*
 * What tsne_diagnose says of each point of a map, and what it looks at. Start
 * from TSNE_DIAGNOSIS_INIT; outputs that are NULL are not computed. Since 0.4.
 */
typedef struct tsne_diagnosis {
  size_t struct_size;     /* sizeof(tsne_diagnosis) */
  float *recall;          /* out, n: share of the k nearest in the data that are
                             among the k nearest in the map */
  float *trustworthiness; /* out, n: 1 less what the ranks in the data of those
                             near in the map alone are beyond k, as a share of
                             the most (Venna & Kaski 2001) */
  float *continuity;      /* out, n: the same of ranks in the map */
  float *stretch;         /* out, n: mean distance in the map to the k nearest in
                             the data over that in the data, 1 in the middle; NaN
                             where the latter is 0 */
  float *perturbation;    /* out, n: the most that the point moves in the map when
                             its row moves by length (Liu, Ma & Zhong 2025) */
  float *singularity;     /* out, n: 1 over the least eigenvalue of the
                             divergence's second derivative (the same) */
  float *reliability;     /* out, n: correlation of map distances in the data's
                             order with those in the map's (Xia, Lee & Li 2024);
                             NaN where they do not vary */
  int32_t *dubious;       /* out, n: 1 where reliability is under the 5 %
                             quantile of that of permuted data, else 0 */
  float *spread;          /* out, n: root mean square distance of the point's
                             positions in this map and maps from their mean */
  const float *maps;      /* n_maps x n x dims: other maps of the points, each
                             laid onto this one; read for spread */
  int64_t n_maps;
  int64_t k;              /* in: 1 to (n - 1) / 2, or 0 for 15, fewer where n is
                             small; out: what was taken */
  double length;          /* in: above 0, or 0 for the median distance of the
                             points to their k-th neighbour; out: what was taken
                             for perturbation */
} tsne_diagnosis;

#define TSNE_DIAGNOSIS_INIT                                                   \
  {                                                                           \
    sizeof(tsne_diagnosis), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,   \
        NULL, NULL, 0, 0, 0.0                                                 \
  }

/*
 * How far to trust a map, point by point. Ranks and reliability are counted
 * among 1,000 random points where there are more, and the null of dubious is a
 * fit of at most 5,000 rows whose columns are permuted, made as the model says.
 *   d      in and out
 *   model  with data; it is not changed
 *   o      NULL for the defaults; neighbors, neighbors_effort, repulsion, theta,
 *          seed, threads, max_memory and the hooks are read
 * TSNE_E_NO_DATA if the model has no data. Since 0.4.
 */
TSNE_API int tsne_diagnose(tsne_diagnosis *d, const tsne_model *model,
                           const tsne_options *o);

/*
 * How far outside of a model's data new points lie, which the map that they are
 * placed on does not show. Each output may be NULL. Since 0.4.
 *   distance  out, m: to the k-th nearest row of the model's data
 *   quantile  out, m: share of the model's rows whose own k-th nearest other is
 *             nearer than that
 *   ratio     out, m: distance over the mean of the same of those k rows: about
 *             1 among others of its kind
 *   x         m x d as in tsne_transform
 *   m         0 or more
 *   k         1 to one less than the model's rows, or 0 for 15
 *   o         NULL for the defaults; columns, metric, neighbors,
 *             neighbors_effort, seed, threads, max_memory and the hooks are read
 */
TSNE_API int tsne_outside(float *distance, float *quantile, float *ratio,
                          const tsne_model *model, const float *x, int64_t m,
                          int64_t d, int64_t k,
                          const tsne_transform_options *o);

/* tsne_outside of doubles; order is an enum tsne_order. Since 0.4. */
TSNE_API int tsne_outside_f64(float *distance, float *quantile, float *ratio,
                              const tsne_model *model, const double *x,
                              int64_t m, int64_t d, int order, int64_t k,
                              const tsne_transform_options *o);

/* == Deprecated == */

#ifndef TSNE_NO_DEPRECATED
/* tsne_affinities_gradient, with y before p. Since 0.1. */
static inline int tsne_gradient(float *gradient, double *kl, const float *y,
                                const tsne_affinities *p,
                                const tsne_options *o) {
  return tsne_affinities_gradient(gradient, kl, p, y, o);
}

/* tsne_model_from_affinities, with y0 before p. Since 0.1. */
static inline int tsne_model_new(tsne_model **model, const float *y0,
                                 const tsne_affinities *p,
                                 const tsne_options *o) {
  return tsne_model_from_affinities(model, p, y0, o);
}

/* tsne_partial_from_csr. Since 0.3. */
static inline int tsne_partial_new(tsne_partial **partial,
                                   const tsne_model *model, const float *y0,
                                   const int64_t *ptr, const int32_t *col,
                                   const float *val, int64_t m,
                                   const tsne_transform_options *o) {
  return tsne_partial_from_csr(partial, model, y0, ptr, col, val, m, o);
}
#endif

#ifdef __cplusplus
}
#endif
#endif
