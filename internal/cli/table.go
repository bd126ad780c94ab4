package cli

import (
	"slices"

	ucli "github.com/urfave/cli/v2"

	"speedgate/internal/config"
)

// resolved are the flags whose value package config decides, with their variables
// and the config file.
var resolved = []string{
	config.OptionConfig, config.OptionBaseline, config.OptionBaseRef, config.OptionFormat, config.OptionSuite,
	config.OptionThreshold, config.OptionEnvironment, config.OptionRule, config.OptionOnMissingBaseline,
	config.OptionWindow, config.OptionRerun,
}

func text(name, usage string) ucli.Flag { return &ucli.StringFlag{Name: name, Usage: usage} }

func texts(name, usage string) ucli.Flag { return &ucli.StringSliceFlag{Name: name, Usage: usage} }

func toggle(name, usage string) ucli.Flag {
	return &ucli.BoolFlag{Name: name, Usage: usage, DisableDefaultText: true}
}

// Flags that several commands share.
func readFlags() []ucli.Flag {
	return []ucli.Flag{
		text("config", "`FILE` with the settings (default: speedgate.yml if it exists; SPEEDGATE_CONFIG)"),
		text("format", "`NAME` of the format of all results, instead of detection (SPEEDGATE_FORMAT)"),
		text("suite", "`NAME` of the suite in config and baseline (SPEEDGATE_SUITE)"),
	}
}

func gateFlags() []ucli.Flag {
	return slices.Concat(readFlags(), []ucli.Flag{
		text("baseline", "`FILE` with the accepted runs, or result files of the base (default: performance_baseline.json; SPEEDGATE_BASELINE)"),
		text("base-ref", "git `REF` to read config and baseline at (SPEEDGATE_BASE_REF)"),
		text("environment", "`NAME` of the machine that the results come from (SPEEDGATE_ENVIRONMENT)"),
		texts("threshold", "`PCT` or PATTERN=PCT; repeatable (SPEEDGATE_THRESHOLD)"),
		text("rule", "`RULE`: history or fixed (SPEEDGATE_RULE)"),
		text("window", "`N` accepted runs to compare with, at most"),
		text("commit", "`HASH` that the results belong to (default: that of the CI job, else of the clone)"),
	})
}

// tellFlags are about whom a check tells, beside its table.
func tellFlags() []ucli.Flag {
	return []ucli.Flag{
		text("comment", "`MODE` of the comment on a pull or merge request: always, changes, regressions or off (SPEEDGATE_COMMENT)"),
		text("comment-id", "`ID` that tells this gate's comment from others (default: workflow and job)"),
		text("comment-author", "`LOGIN` that owns the comment (default: that of the token)"),
		text("commit-status", "`NAME` of a commit status to set"),
		text("check-run", "`NAME` of a check run to show the report in"),
	}
}

func reportFlag() ucli.Flag {
	return texts("report", "`KIND=PATH`: markdown, json, junit or openmetrics, - is standard output; repeatable")
}

func tableFlags() []ucli.Flag {
	return []ucli.Flag{
		toggle("all", "list every metric"),
		toggle("quiet", "print the first line only"),
		toggle("no-color", "print no colours (NO_COLOR)"),
	}
}

// checkFlags are those of what ends with a verdict that others are told.
func checkFlags() []ucli.Flag {
	return slices.Concat(gateFlags(), tableFlags(), []ucli.Flag{
		text("on-missing-baseline", "`ACTION` when there is nothing to compare with: pass, warn or fail (SPEEDGATE_ON_MISSING_BASELINE)"),
		toggle("update", "write the baseline when the gate passes"),
		toggle("push", "with --update, commit the baseline to the default branch of the repository"),
		toggle("require-push", "with --push, exit with 5 when that is refused"),
		text("baseline-branch", "`NAME` of a branch that holds nothing but the baseline: read there, and pushed to"),
		toggle("baseline-pr", "with --push, keep one pull request open with the new baseline instead"),
		text("rerun", "`CMD` that measures suspects again; {benchmarks} stands for their names (SPEEDGATE_RERUN)"),
		toggle("trust-head", "on a pull request, use the change's own config and baseline"),
	}, tellFlags(), []ucli.Flag{
		toggle("require-comment", "exit with 5 when telling GitHub or GitLab fails"),
		reportFlag(),
	})
}

// commands is the table of commands, made anew for each use: the library writes
// into its flags.
func commands() []command {
	return []command{
		{
			name: "check", usage: "compare results with the baseline; the main command", args: "[FILES...]",
			about: "Reads result files, folders and globs (- is standard input), compares them with the\n" +
				"accepted runs and with the targets, and prints what it found. Without files it checks\n" +
				"the suites of the config. The exit code is 1 when the gate failed.",
			examples: [2]string{
				"speedgate check results/api_stats.csv bench.txt",
				"speedgate check --threshold 'Parse*:*=5%' --report markdown=report.md results/*.txt",
			},
			flags: checkFlags(),
			run:   runCheck,
		},
		{
			name: "run", usage: "run a load or benchmark profile, watched live, then check it", args: "PROFILE",
			about: "Runs the load test or benchmark that the config has under profiles, shows its figures\n" +
				"while it runs, writes what it measured into a folder of its own, and checks that as\n" +
				"`check` does, in the suite that names the profile. Without a suite it is judged by the\n" +
				"targets, at the profile's level. A test that was interrupted ends with exit code 3.",
			examples: [2]string{
				"speedgate run load",
				"speedgate run stress --out results/stress --report json=stress.json",
			},
			flags: slices.Concat(checkFlags(), []ucli.Flag{
				text("out", "`DIR` for the results, new or empty (default: speedgate-runs/PROFILE-TIME)"),
			}),
			run: runRun,
		},
		{
			name: "watch", usage: "the live view for a test started elsewhere", args: "FILE",
			about: "Follows the history that `locust --csv PREFIX --csv-full-history` writes while it runs, and\n" +
				"shows its figures and alerts until the test is over. Nothing is judged.",
			examples: [2]string{
				"speedgate watch results/api_stats_history.csv",
				"speedgate watch --profile load results/api_stats_history.csv",
			},
			flags: []ucli.Flag{
				text("config", "`FILE` with the settings (default: speedgate.yml if it exists; SPEEDGATE_CONFIG)"),
				text("profile", "`NAME` of the profile whose alerts are used, instead of the default ones"),
			},
			run: runWatch,
		},
		{
			name: "update", usage: "refresh the baseline from results", args: "[FILES...]",
			about: "Checks the results as `check` does and adds them to the baseline when they pass. A\n" +
				"slowdown gets in only on purpose: with --accept and a reason.",
			examples: [2]string{
				"speedgate update results/api_stats.csv bench.txt",
				"speedgate update --accept 'Parse/large:*' --reason 'validates its input now' bench.txt",
			},
			flags: slices.Concat(gateFlags(), tableFlags(), []ucli.Flag{
				texts("accept", "`PATTERN` SUBJECT:METRIC of slowdowns to accept; repeatable"),
				text("reason", "`TEXT` that says why; goes into the baseline"),
			}),
			run: runUpdate,
		},
		{
			name: "show", usage: "show what was read: format, subjects, metrics, samples, warnings", args: "FILES...",
			about: "Reads results as `check` does and prints every value with the rule that recognised its\nfile. Nothing is compared.",
			examples: [2]string{
				"speedgate show results/api_stats.csv",
				"go test -run '^$' -bench . ./... | speedgate show -",
			},
			flags: readFlags(),
			run:   runShow,
		},
		{
			name: "formats", usage: "list the formats that are read",
			about: "Lists what --format takes. Without --format each file is recognised by its content.",
			examples: [2]string{
				"speedgate formats",
				"speedgate check --format go-bench bench.log",
			},
			run: runFormats,
		},
		{
			name: "config", usage: "print every setting in force with its origin",
			about: "Flags win over SPEEDGATE_* variables, those over the config file, and that over the\ndefaults. --schema prints the JSON Schema of the config, --report-schema that of the report.",
			examples: [2]string{
				"speedgate config --suite api",
				"speedgate config --schema > .speedgate/config.schema.json",
			},
			flags: slices.Concat(gateFlags(), []ucli.Flag{
				toggle("schema", "print the JSON Schema of speedgate.yml"),
				toggle("report-schema", "print the JSON Schema of the JSON report"),
			}),
			run: runConfig,
		},
		{
			name: "publish", usage: "post a finished check from a trusted job (fork pull requests)",
			about: "Runs in a workflow that workflow_run starts. Takes the JSON reports SUITE.json of the\n" +
				"artifact that the other run left, judges their numbers again by config and baseline\n" +
				"of the base branch, and comments on the one pull request that the run was of.",
			examples: [2]string{
				"speedgate publish",
				"speedgate publish --workflow .github/workflows/perf.yml --artifact perf --comment always",
			},
			flags: slices.Concat([]ucli.Flag{
				text("workflow", "`FILE` of the workflow whose runs are published (default: .github/workflows/performance.yml)"),
				text("artifact", "`NAME` of the artifact with the reports (default: speedgate)"),
				text("config", "`FILE` with the settings, on the base branch (default: speedgate.yml; SPEEDGATE_CONFIG)"),
				text("baseline", "`FILE` with the accepted runs, on the base branch (default: performance_baseline.json; SPEEDGATE_BASELINE)"),
				text("baseline-branch", "`NAME` of the branch that holds the baseline, if it has one of its own"),
				text("suite", "`NAME` of the suite to publish (default: all of the config; SPEEDGATE_SUITE)"),
			}, tellFlags(), tableFlags(), []ucli.Flag{reportFlag()}),
			run: runPublish,
		},
		{
			name: "selftest", usage: "prove that the gate bites on this config and baseline",
			about: "Takes the baseline's own values, slows one copy down by a bit more than each threshold\n" +
				"and demands that every gated metric fails; then demands that the untouched copy passes.",
			examples: [2]string{
				"speedgate selftest",
				"speedgate selftest --baseline perf/baseline.json --suite api",
			},
			flags: slices.Concat(gateFlags(), []ucli.Flag{toggle("quiet", "print the last line only")}),
			run:   runSelftest,
		},
		{
			name: "init", usage: "write a speedgate.yml that works on the results found here",
			about: "Looks for result files below this folder and writes a commented speedgate.yml that reads\nthem, with its JSON Schema beside for editors. With --github it adds workflows: the gate of\npull requests, the refresh of the baseline, and the comment on pull requests from forks.",
			examples: [2]string{
				"speedgate init",
				"speedgate init --github",
			},
			flags: []ucli.Flag{
				toggle("force", "replace an existing speedgate.yml"),
				toggle("github", "write workflows into .github/workflows; none is replaced"),
			},
			run: runInit,
		},
		{
			name: "completion", usage: "print a completion script for bash, zsh or fish", args: "SHELL",
			about: "The script completes commands, flags and files.",
			examples: [2]string{
				"source <(speedgate completion bash)",
				"speedgate completion fish > ~/.config/fish/completions/speedgate.fish",
			},
			run: runCompletion,
		},
		{
			name: "version", usage: "print the version",
			about: "Prints the version of the release, or of the source that the Go tool built.",
			examples: [2]string{
				"speedgate version",
				"speedgate --version",
			},
			run: runVersion,
		},
	}
}
