/*
 * tsne.h - t-SNE as in Kobak & Berens, "The art of using t-SNE for
 * single-cell transcriptomics", Nature Communications 10:5416 (2019).
 *
 * Conventions
 *   Matrices    row-major; X is n x d float, an embedding is n x dims float.
 *               Sizes are int64_t; n is at most 2^31 - 1 points.
 *   Ownership   inputs are borrowed for the call and never written. Outputs
 *               are the caller's buffers. A handle is the library's: free it
 *               once with its own free function; NULL is fine there.
 *   Status      0 is success, negatives are errors and are never renumbered.
 *               After an error tsne_last_error() has one line that names the
 *               culprit, and no output has been written, save that a
 *               cancelled optimisation gives the embedding so far.
 *   Threads     every function may be called from any thread. A handle takes
 *               one optimising call at a time; a second one waits its turn.
 *   Processes   a process that forks after loading the library must not call
 *               from the child: it gets TSNE_E_FORKED, and frees do nothing.
 *               Use exec, or load the library in the child.
 *   Same bits   the same input, options and seed give the same bits on any
 *               number of threads and on every CPU path.
 */
#ifndef TSNE_H
#define TSNE_H

#include <stddef.h>
#include <stdint.h>

#define TSNE_VERSION_MAJOR 0
#define TSNE_VERSION_MINOR 1
#define TSNE_VERSION_PATCH 0
#define TSNE_VERSION "0.1.0"

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

enum tsne_status {
  TSNE_OK = 0,
  TSNE_E_NULL = -1,        /* a pointer that must not be NULL is */
  TSNE_E_STRUCT_SIZE = -2, /* options.struct_size fits no known version */
  TSNE_E_HANDLE = -3,      /* a handle that is stale, freed or foreign */
  TSNE_E_SHAPE = -4,       /* n < 4, d < 1, or n * d too large */
  TSNE_E_NOT_FINITE = -5,  /* NaN or Inf; the message has row and column */
  TSNE_E_OPTION = -6,      /* an option out of range; the message names it */
  TSNE_E_GRAPH = -7,       /* a malformed neighbour graph or affinity matrix */
  TSNE_E_MEMORY = -8,      /* the estimate exceeds max_memory or the machine */
  TSNE_E_CANCELLED = -9,   /* a callback or *cancel asked to stop */
  TSNE_E_FORKED = -10,     /* called in the child of a fork */
  TSNE_E_INTERNAL = -99    /* a defect in the library: please report it */
};

enum tsne_init { TSNE_INIT_PCA = 0, TSNE_INIT_RANDOM = 1, TSNE_INIT_GIVEN = 2 };

enum tsne_neighbors_method {
  TSNE_NEIGHBORS_AUTO = 0, /* the faster of the two for this n and d */
  TSNE_NEIGHBORS_EXACT = 1,
  TSNE_NEIGHBORS_APPROX = 2
};

enum tsne_repulsion {
  TSNE_REPULSION_AUTO = 0,      /* chosen by n and dims */
  TSNE_REPULSION_EXACT = 1,     /* all pairs */
  TSNE_REPULSION_BARNES_HUT = 2, /* tree, angle theta */
  TSNE_REPULSION_FFT = 3        /* interpolation grid; dims 1 and 2 */
};

enum tsne_stage {
  TSNE_STAGE_NEIGHBORS = 0,
  TSNE_STAGE_AFFINITIES = 1,
  TSNE_STAGE_INIT = 2,
  TSNE_STAGE_OPTIMIZE = 3
};

enum tsne_log_level { TSNE_LOG_INFO = 0, TSNE_LOG_WARNING = 1 };

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
 * must not use the handle it reports on.
 */
typedef int (*tsne_progress_fn)(const tsne_progress *progress, void *user);

/* One whole line of text without its newline; runs on the calling thread. */
typedef void (*tsne_log_fn)(int level, const char *line, void *user);

/*
 * Start from TSNE_OPTIONS_INIT or tsne_options_init(): both give the paper's
 * recipe. Fields are only ever appended; struct_size tells which the caller
 * knows of.
 */
typedef struct tsne_options {
  size_t struct_size;          /* sizeof(tsne_options) */
  uint64_t seed;               /* of the random start, jitter and search */
  const double *perplexities;  /* several at once are averaged (multiscale) */
  int64_t n_perplexities;      /* 0: the one in `perplexity` */
  double perplexity;           /* 30; above (n - 1) / 3 it is lowered to that,
                                  with a warning to `log` */
  const float *init_y;         /* n x dims, used when init is GIVEN */
  int64_t early_iterations;    /* 250 */
  int64_t iterations;          /* 500, after the early ones */
  double early_exaggeration;   /* 12 */
  double exaggeration;         /* 1, in the second phase */
  double learning_rate;        /* 0: n / exaggeration of the phase */
  double early_momentum;       /* 0.5 */
  double momentum;             /* 0.8 */
  double max_step_norm;        /* 5: longest step of a point; 0: no limit */
  double theta;                /* 0.5: angle of Barnes-Hut */
  double neighbors_effort;     /* 1: of the approximate search; more is better
                                  and slower */
  uint64_t max_memory;         /* bytes; 0: what the machine has free */
  const int32_t *cancel;       /* polled at least every 50 ms; non-zero stops
                                  the call; may be NULL */
  tsne_progress_fn progress;   /* may be NULL */
  void *progress_user;
  int64_t progress_every;      /* 50 iterations between progress calls */
  tsne_log_fn log;             /* may be NULL */
  void *log_user;
  int32_t dims;                /* 2: columns of the embedding, 1 to 3 */
  int32_t threads;             /* 0: all processors */
  int32_t init;                /* enum tsne_init */
  int32_t neighbors;           /* enum tsne_neighbors_method */
  int32_t repulsion;           /* enum tsne_repulsion */
  int32_t reserved;            /* 0 */
} tsne_options;

#define TSNE_OPTIONS_INIT                                                     \
  {                                                                           \
    sizeof(tsne_options), 0, NULL, 0, 30.0, NULL, 250, 500, 12.0, 1.0, 0.0,   \
        0.5, 0.8, 5.0, 0.5, 1.0, 0, NULL, NULL, NULL, 50, NULL, NULL, 2, 0,   \
        TSNE_INIT_PCA, TSNE_NEIGHBORS_AUTO, TSNE_REPULSION_AUTO, 0            \
  }

/* Affinities P (symmetric, sums to 1), and an embedding being optimised. */
typedef struct tsne_affinities tsne_affinities;
typedef struct tsne_model tsne_model;

/* Writes the defaults. TSNE_E_NULL if o is NULL. Since 0.1. */
TSNE_API int tsne_options_init(tsne_options *o);

/* TSNE_VERSION of the library that was loaded. Since 0.1. */
TSNE_API const char *tsne_version(void);

/* major * 10000 + minor * 100 + patch of the loaded library. Since 0.1. */
TSNE_API int tsne_version_number(void);

/* The SIMD path in use: "portable" or "avx2"; "" in the child of a
 * fork. Since 0.1. */
TSNE_API const char *tsne_cpu(void);

/*
 * Text of the calling thread's last error; "" if there was none. Valid until
 * the thread's next call. Since 0.1.
 */
TSNE_API const char *tsne_last_error(void);

/* Name of a status, such as "TSNE_E_SHAPE"; never NULL. Since 0.1. */
TSNE_API const char *tsne_status_name(int status);

/*
 * The whole job: neighbours, affinities, initialisation, two phases.
 *   y      out, n x dims
 *   model  out, may be NULL: the embedding with its affinities and the
 *          optimiser's state, to go on from; free with tsne_model_free
 *   x      n x d
 *   o      NULL for the defaults
 * When cancelled while optimising, y and model hold the embedding so far.
 * Since 0.1.
 */
TSNE_API int tsne_fit(float *y, tsne_model **model, const float *x, int64_t n,
                      int64_t d, const tsne_options *o);

/* Estimated peak bytes of tsne_fit beyond x and y. Since 0.1. */
TSNE_API int tsne_estimate_memory(uint64_t *bytes, int64_t n, int64_t d,
                                  const tsne_options *o);

/*
 * The k nearest rows of each row, itself excluded, nearest first.
 *   index     out, n x k
 *   distance  out, n x k, Euclidean; rounded to float, so that affinities made of
 *             them may differ in the last bits from those of the data
 * Since 0.1.
 */
TSNE_API int tsne_neighbors(int32_t *index, float *distance, const float *x,
                            int64_t n, int64_t d, int64_t k,
                            const tsne_options *o);

/* Affinities of data: neighbours (3 * perplexity of them) and the perplexity
 * search. Since 0.1. */
TSNE_API int tsne_affinities_from_data(tsne_affinities **p, const float *x,
                                       int64_t n, int64_t d,
                                       const tsne_options *o);

/* Affinities of a neighbour graph as tsne_neighbors gives it. Since 0.1. */
TSNE_API int tsne_affinities_from_neighbors(tsne_affinities **p,
                                            const int32_t *index,
                                            const float *distance, int64_t n,
                                            int64_t k, const tsne_options *o);

/*
 * Affinities given as a symmetric sparse matrix in CSR form, copied. Values
 * are scaled to sum to 1. Since 0.1.
 *   ptr  n + 1;  col, val  ptr[n]
 */
TSNE_API int tsne_affinities_from_csr(tsne_affinities **p, const int64_t *ptr,
                                      const int32_t *col, const float *val,
                                      int64_t n);

/* Number of points and of stored values; either may be NULL. Since 0.1. */
TSNE_API int tsne_affinities_size(int64_t *n, int64_t *nnz,
                                  const tsne_affinities *p);

/* Copies P out: ptr has n + 1, col and val nnz entries. Since 0.1. */
TSNE_API int tsne_affinities_copy(int64_t *ptr, int32_t *col, float *val,
                                  const tsne_affinities *p);

TSNE_API void tsne_affinities_free(tsne_affinities *p);

/* The initial embedding that the options ask for; y is n x dims. Since 0.1. */
TSNE_API int tsne_initialize(float *y, const float *x, int64_t n, int64_t d,
                             const tsne_options *o);

/*
 * KL divergence and its gradient at y by the chosen repulsion, without
 * exaggeration; gradient includes the factor 4 of van der Maaten & Hinton
 * (2008), eq. 5. gradient (n x dims) and kl may be NULL. Since 0.1.
 */
TSNE_API int tsne_gradient(float *gradient, double *kl, const float *y,
                           const tsne_affinities *p, const tsne_options *o);

/*
 * An embedding at y0 (n x dims, borrowed for the call), ready to be
 * optimised against p. p is shared: it may be freed at any time. Since 0.1.
 */
TSNE_API int tsne_model_new(tsne_model **model, const float *y0,
                            const tsne_affinities *p, const tsne_options *o);

/*
 * Some iterations more, from where the embedding stands, with the momentum
 * and gains it has. Since 0.1.
 *   y              out, n x dims, may be NULL
 *   kl             out, may be NULL: KL divergence after the last step
 *   exaggeration   of this phase; > 0
 *   learning_rate  0: n / exaggeration
 *   momentum       0 to below 1
 * Of o only threads, cancel, progress and log are read, and theta,
 * repulsion, max_step_norm; NULL keeps the threads and forces of the last
 * call and calls nobody back.
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

/* An independent copy, optimiser state included. Since 0.1. */
TSNE_API int tsne_model_clone(tsne_model **copy, const tsne_model *model);

TSNE_API void tsne_model_free(tsne_model *model);

/* Handles alive in this process, for tests of leaks; 0 in the child of a
 * fork. Since 0.1. */
TSNE_API int64_t tsne_live_handles(void);

#ifdef __cplusplus
}
#endif
#endif
