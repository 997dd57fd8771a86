/** Thrown inside the YAML reader only: why a file is refused and at which offset of its text. */
export class YamlRefusal extends Error {
  override readonly name = 'YamlRefusal';
  readonly offset: number;
  readonly fix: string;
  constructor(message: string, offset: number, fix: string) {
    super(message);
    this.offset = offset;
    this.fix = fix;
  }
}

/** The refusal of a file that holds too many values. */
export function tooManyValues(maxNodes: number, offset: number): YamlRefusal {
  return new YamlRefusal(
    `the file holds more than ${maxNodes} values once its aliases are expanded`,
    offset,
    'split the file or write fewer aliases',
  );
}
