/** A tree of YAML whose scalars are of type `S`; `Json` is the one over JSON's scalars. */
export type Tree<S> = S | readonly Tree<S>[] | { readonly [key: string]: Tree<S> };

/** How a scalar is written; its text comes apart from it. */
export interface ScalarForm {
  /** Without quotes and not as a block. */
  readonly plain: boolean;
  /** The tag as written, such as `!!int`. */
  readonly tag?: string;
  /** A block whose lines are joined (`>`). */
  readonly folded?: boolean;
}

/** What a scalar means, or why it has no faithful meaning. */
export type Meaning<S> = { readonly value: S } | { readonly refused: string; readonly fix: string };

/** Why a key that was read will not do in the end: it is no text, or it is there a second time. */
export interface KeyFlaw<S = unknown> {
  readonly kind: 'null' | 'scalar' | 'repeated';
  readonly message: string;
  /** The values of a repeated key after its first one. */
  readonly later?: readonly Tree<S>[];
}

/** What a scalar means as a key. A flawed key is kept for now and told to {@link Dialect.flawed}. */
export type KeyMeaning =
  | { readonly name: string; readonly flaw?: KeyFlaw<never> }
  | { readonly refused: string; readonly fix: string };

/** A scalar with the text and the form it was made of. */
export interface WrittenScalar<S> {
  readonly text: string;
  readonly form: ScalarForm;
  readonly value: S;
}

/**
 * How one reader of YAML makes values of what the parser finds. Readers agree on the grammar and differ in what scalars,
 * keys, tags and merge keys mean.
 */
export interface Dialect<S> {
  readonly scalar: (text: string, form: ScalarForm) => Meaning<S>;
  /** `value` is what {@link Dialect.scalar} made of the same text. */
  readonly key: (text: string, form: ScalarForm, value: S) => KeyMeaning;
  /** Whether only the first document of a text, or of each of its parts, is read. */
  readonly firstOnly?: boolean;
  /** Whether comments are kept, as go-yaml v3 does; v2 drops them and refuses tabs before them. */
  readonly keepsComments?: boolean;
  /** Whether collections may carry tags other than the core ones; such tags are dropped. */
  readonly dropsTags: boolean;
  /** The name under which a collection that is a key is kept, as a flawed one; without it such a key is refused. */
  readonly collectionKey?: string;
  /** What a key that is there twice does: refuses the file, counts as flawed with its first value, or gives its last. */
  readonly repeated: 'refused' | 'flawed' | 'last';
  /**
   * Where `<<` ranks: below every key written beside it and only once in a mapping, or just like keys written in its
   * place.
   */
  readonly merges: 'below' | 'in place';
  /** Takes note of how the scalar of a field was written; `fields` is still being built. */
  readonly field?: (fields: object, name: string, scalar: WrittenScalar<S>) => void;
  /** Takes note of a collection in brackets or braces that was just built. */
  readonly flow?: (collection: object) => void;
  /** Takes note of the flawed keys of a mapping that was just built. */
  readonly flawed?: (fields: object, flaws: ReadonlyMap<string, KeyFlaw<S>>) => void;
}
