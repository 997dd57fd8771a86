/** What one YAML file may hold. Exceeding any of these is an error, never a truncation. */
export interface YamlLimits {
  /** UTF-8 bytes of the file. */
  readonly maxBytes: number;
  /** Lines, commas and opening brackets: what the parser can make values of, counted before it does. */
  readonly maxMarks: number;
  readonly maxDocuments: number;
  /** Nesting of mappings and sequences, with aliases expanded. */
  readonly maxDepth: number;
  /** Values in the file with every alias and merge key expanded. */
  readonly maxNodes: number;
  /** Keys copied by merge keys (`<<`) in the file. */
  readonly maxMergedKeys: number;
}

/**
 * Limits that real manifests stay below (all definitions of a large operator are 5 MB in one file) and that keep the worst
 * file within the memory of a rendering thread.
 */
export const yamlLimits: YamlLimits = {
  maxBytes: 16 * 1024 * 1024,
  maxMarks: 1_000_000,
  maxDocuments: 10_000,
  maxDepth: 100,
  maxNodes: 500_000,
  maxMergedKeys: 10_000,
};

/** Keys that JavaScript gives a meaning of its own; they are refused wherever a user can write a key. */
export const forbiddenKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
