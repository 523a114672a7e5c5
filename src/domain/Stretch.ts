/** A stretch of the run's session order, and how sure a verdict on it must be. */
export interface Stretch {
  /** Sessions from this one on, from 0, up to and without that one. */
  readonly from: number
  readonly to: number
  /** At most so many cases of each session, the first ones; left out: all. */
  readonly perSession?: number
  /** One-sided level at which parity is claimed, in [0, 1/2); 0 claims nothing. */
  readonly level: number
  /** One-sided error that all looks at the setup may spend together, by which is told how many more cases would do; left out: `level`. */
  readonly errorOfLooks?: number
  /** One-sided level at which a setup is called inferior; left out: the run's alpha. */
  readonly inferiorAt?: number
}
