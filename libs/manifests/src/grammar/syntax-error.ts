/** A part of a text, by offsets. */
export interface TextPart {
  readonly from: number;
  readonly to: number;
}

/** Thrown inside the YAML reader only: what is no YAML 1.1 as go-yaml reads it, at which offset, in which part of the text. */
export class YamlSyntaxError extends Error {
  override readonly name = 'YamlSyntaxError';
  readonly offset: number;
  readonly part: TextPart | undefined;
  constructor(problem: string, offset: number, part?: TextPart) {
    super(problem);
    this.offset = offset;
    this.part = part;
  }
}
