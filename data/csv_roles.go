package data

import (
	"fmt"
	"strings"
)

// inferredRole returns the role that a column has by its name alone.
func inferredRole(column string) csvRole {
	switch strings.ToLower(column) {
	case "id":
		return roleID
	case "label", "class":
		return roleLabel
	case "domain":
		return roleDomain
	}
	return roleFeature
}

// assign gives columns their roles: first what the options name, then by column name.
func (p *csvPlan) assign(opt CSVOptions) error {
	place := positions(p.names)
	taken := make(map[string]string) // column -> the option that named it
	claim := func(option, column string, role csvRole) error {
		j, ok := place[column]
		if !ok {
			return fmt.Errorf("CSVOptions.%s: no column %q%s", option, column, didYouMean(column, p.names))
		}
		if other, ok := taken[column]; ok {
			return fmt.Errorf("column %q is given both as CSVOptions.%s and as CSVOptions.%s; a column has one role", column, other, option)
		}
		taken[column] = option
		p.roles[j] = role
		return nil
	}
	for _, column := range opt.Ignore {
		if err := claim("Ignore", column, roleIgnore); err != nil {
			return err
		}
	}
	given := []struct {
		option, column string
		role           csvRole
	}{{"ID", opt.ID, roleID}, {"Label", opt.Label, roleLabel}, {"Domain", opt.Domain, roleDomain}}
	for _, g := range given {
		if g.column == "" || g.column == NoColumn {
			continue
		}
		if err := claim(g.option, g.column, g.role); err != nil {
			return err
		}
		p.note("%s: column %q, as CSVOptions.%s says", strings.ToLower(g.option), g.column, g.option)
	}
	for _, g := range given {
		switch g.column {
		case NoColumn:
			p.note("%s: none, as CSVOptions.%s says", strings.ToLower(g.option), g.option)
		case "":
			if err := p.infer(g.option, g.role, taken); err != nil {
				return err
			}
		}
	}
	p.assignIndex(opt)
	return nil
}

// infer looks for the column of a role that no option names.
func (p *csvPlan) infer(option string, role csvRole, taken map[string]string) error {
	found := -1
	for j, name := range p.names {
		if inferredRole(name) != role || taken[name] != "" {
			continue
		}
		if found >= 0 {
			return fmt.Errorf("both %q and %q could be the %s; say which in CSVOptions.%s, and list the other in Ignore unless it is a feature",
				p.names[found], name, strings.ToLower(option), option)
		}
		found = j
	}
	if found >= 0 {
		p.roles[found] = role
		p.note("%s: column %q, by its name", strings.ToLower(option), p.names[found])
		return nil
	}
	// A nameless first column may still turn out to hold the ids: see assignIndex.
	if role != roleID || p.names[0] != "" {
		p.note("%s: no column is called so", strings.ToLower(option))
	}
	return nil
}

// assignIndex handles the nameless first column that pandas writes for its index.
func (p *csvPlan) assignIndex(opt CSVOptions) {
	if p.names[0] != "" || p.roles[0] != roleFeature {
		return
	}
	if opt.ID == "" && !p.has(roleID) {
		p.roles[0] = roleID
		p.note("id: the first column, which has no name, as in an index written by pandas")
		return
	}
	p.roles[0] = roleIgnore
	p.note("the first column has no name, as in an index written by pandas, and is left out")
}
