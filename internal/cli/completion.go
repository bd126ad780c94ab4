package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/template"

	ucli "github.com/urfave/cli/v2"
)

// shells are the templates of the completion scripts. Each is given the table of
// commands, so that a script never lags behind the program that printed it.
var shells = map[string]string{
	"bash": `# bash completion for speedgate
_speedgate() {
  local cur=${COMP_WORDS[COMP_CWORD]} words
  case ${COMP_WORDS[1]} in
{{- range .}}
    {{.Name}}) words='{{range .Flags}}--{{.Name}} {{end}}--help' ;;
{{- end}}
  esac
  if [[ $COMP_CWORD -eq 1 ]]; then
    mapfile -t COMPREPLY < <(compgen -W '{{range .}}{{.Name}} {{end}}help' -- "$cur")
  elif [[ $cur == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
  else
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
  fi
}
complete -o filenames -F _speedgate speedgate
`,
	"zsh": `#compdef speedgate
# zsh completion for speedgate
_speedgate() {
  local -a commands
  commands=({{range .}}
    '{{.Name}}:{{.Usage}}'{{end}}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  case $words[2] in
{{- range .}}
    {{.Name}}) _arguments{{range .Flags}} '{{if .Many}}*{{end}}--{{.Name}}[{{.Usage}}]{{if .Value}}:value:_files{{end}}'{{end}} '*:file:_files' ;;
{{- end}}
  esac
}
compdef _speedgate speedgate
`,
	"fish": `# fish completion for speedgate
{{range $c := .}}complete -c speedgate -n __fish_use_subcommand -f -a {{.Name}} -d '{{.Usage}}'
{{range .Flags}}complete -c speedgate -n '__fish_seen_subcommand_from {{$c.Name}}' -l {{.Name}}{{if .Value}} -r{{end}} -d '{{.Usage}}'
{{end}}{{end}}`,
}

// shellCommand is a command as the scripts need it, texts safe inside single quotes.
type shellCommand struct {
	Name, Usage string
	Flags       []shellFlag
}

type shellFlag struct {
	Name, Usage string
	Value       bool // takes one
	Many        bool // may be repeated
}

func runCompletion(s *session, _ context.Context, o options) error {
	if len(o.args) != 1 {
		return usagef("completion needs the name of one shell: bash, zsh or fish")
	}
	script, ok := shells[o.args[0]]
	if !ok {
		return usagef("no completion for %q; there is one for bash, zsh and fish", o.args[0])
	}
	return writeScript(s.Stdout, script)
}

func writeScript(w io.Writer, script string) error {
	t, err := template.New("script").Parse(script)
	if err != nil {
		return fmt.Errorf("completion script: %w", err)
	}
	var list []shellCommand
	for _, c := range commands() {
		list = append(list, shellCommand{c.name, shellText(c.usage), shellFlags(c.flags)})
	}
	return t.Execute(w, list)
}

func shellFlags(flags []ucli.Flag) []shellFlag {
	var list []shellFlag
	for _, f := range flags {
		sf := shellFlag{Name: f.Names()[0], Value: true}
		switch f := f.(type) {
		case *ucli.BoolFlag:
			sf.Usage, sf.Value = f.Usage, false
		case *ucli.StringFlag:
			sf.Usage = f.Usage
		case *ucli.StringSliceFlag:
			sf.Usage, sf.Many = f.Usage, true
		}
		sf.Usage = shellText(sf.Usage)
		list = append(list, sf)
	}
	return list
}

// shellText drops what would end a quoted word, or a part of one in zsh.
func shellText(s string) string {
	return strings.NewReplacer("'", "", "`", "", "[", "(", "]", ")", ":", ",").Replace(s)
}
