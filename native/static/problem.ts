// A reason to stop the build, for people.

/** The message is one sentence: what is wrong and what to do. The build prints it alone, without a stack. */
export class BuildProblem extends Error {}
